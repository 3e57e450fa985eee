from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import ListView

from .forms import DirectoryForm


@method_decorator(login_not_required, name="dispatch")
class Directory(ListView):
    template_name = "contacts/contact_directory.html"

    def get_queryset(self):
        self.form = DirectoryForm(self.request.GET)
        return self.form.chosen()

    def get_context_data(self, **kwargs):
        return super().get_context_data(form=self.form, rows=self.object_list, **kwargs)
