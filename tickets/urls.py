from tickets import urls_customer, urls_staff

app_name = "tickets"

urlpatterns = [*urls_customer.urlpatterns, *urls_staff.urlpatterns]
