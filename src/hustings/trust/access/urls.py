"""Addresses of recorded access: what everybody sees, and the screens of the staff.

Every address under `/staff/` begins closed (`scopes.staff_screens`) and opens by `gate.staff_screen`.
"""

from django.urls import path

from hustings.trust.access import screens, views

urlpatterns = [
    path("trust/access", views.mine, name="trust-access"),
    path("trust/access/<str:public_id>.tlog-proof", views.proof, name="trust-access-proof"),
    path("trust/access/<str:public_id>.json", views.openings, name="trust-access-openings"),
    path("trust/looks", views.looks, name="trust-looks"),
    path("trust/requests", views.requests, name="trust-requests"),
    path("staff/", screens.home, name="staff"),
    path("staff/session", screens.session, name="staff-session"),
    path("staff/cases", screens.case_list, name="staff-cases"),
    path("staff/cases/<str:reference>", screens.case, name="staff-case"),
    path("staff/look", screens.look, name="staff-look"),
    path("staff/requests", screens.asked, name="staff-requests"),
    path("staff/approvals", screens.queue, name="staff-approvals"),
    path("staff/reviews", screens.reviews, name="staff-reviews"),
    path("staff/ledger", screens.ledger, name="staff-ledger"),
    path("staff/lawful", screens.orders, name="staff-lawful"),
    path("staff/roles", screens.roles, name="staff-roles"),
]
