from django.urls import path

from .views import catalogue, desk, isu, public

app_name = "offers"
urlpatterns = [
    path("", public.Home.as_view(), name="home"),
    path("offers/", catalogue.Catalogue.as_view(), name="catalogue"),
    path("offers/<slug:reference>/", public.offer_detail, name="detail"),
    path("offers/<slug:reference>/contact/", public.offer_contact, name="contact"),
    path("offers/<slug:reference>/documents/<int:pk>/", public.document, name="document"),
    path("out/<slug:reference>/<int:pk>/", public.follow_link, name="out"),
    path("states/", public.StateList.as_view(), name="state_list"),
    path("states/<slug:iso3>/", public.state_detail, name="state_detail"),
    path("about/", public.Page.as_view(template_name="offers/about.html"), name="about"),
    path("privacy/", public.Page.as_view(template_name="offers/privacy.html"), name="privacy"),
    path("accessibility/", public.Page.as_view(template_name="offers/accessibility.html"), name="accessibility"),
    path("start/", desk.start, name="start"),
    path("desk/", desk.desk, name="desk"),
    path("desk/offers/new/", desk.new, name="new"),
    path("desk/offers/<slug:reference>/edit/", desk.edit, name="edit"),
    path("desk/offers/<slug:reference>/preview/", desk.preview, name="preview"),
    path("desk/offers/<slug:reference>/documents/", desk.documents, name="documents"),
    path("desk/offers/<slug:reference>/documents/<int:pk>/remove/", desk.remove_document, name="remove_document"),
    path("desk/offers/<slug:reference>/submit/", desk.submit, name="submit"),
    path("desk/offers/<slug:reference>/change/", desk.change, name="change"),
    path("desk/offers/<slug:reference>/take-back/", desk.take_back, name="take_back"),
    path("desk/offers/<slug:reference>/confirm/", desk.confirm, name="confirm"),
    path("desk/offers/<slug:reference>/clone/", desk.clone, name="clone"),
    path("desk/offers/<slug:reference>/withdraw/", desk.end, {"ending": "withdraw"}, name="withdraw"),
    path("desk/offers/<slug:reference>/fulfil/", desk.end, {"ending": "fulfil"}, name="fulfil"),
    path("desk/partnerships/<int:pk>/accept/", desk.accept_partnership, name="accept_partnership"),
    path("isu/queue/", isu.queue, name="queue"),
    path("isu/queue/<int:pk>/", isu.review, name="review"),
    path("isu/queue/<int:pk>/preview/", isu.review_preview, name="review_preview"),
    path("isu/queue/<int:pk>/publish/", isu.publish, name="publish"),
    path("isu/queue/<int:pk>/send-back/", isu.send_back, name="send_back"),
    path("isu/queue/<int:pk>/refuse/", isu.refuse, name="refuse"),
]
