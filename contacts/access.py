"""Who may enter which part of the site."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied


def isu_only(view):
    """For ISU officers and administrators; others who have signed in are refused."""

    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_isu:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def administrators_only(view):
    """For ISU administrators; others who have signed in are refused."""

    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def focal_points_only(view):
    """For focal points of States that are party today; others who have signed in are refused."""

    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.state is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def writers_only(view):
    """For whoever may write offers: focal points, and the ISU on a State's behalf; others are refused."""

    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.state is None and not request.user.is_isu:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
