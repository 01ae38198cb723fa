/*
 * service_account.h — the key file of a service account, and the token that its key signs.
 */
#ifndef RG_BIGQUERY_SERVICE_ACCOUNT_H
#define RG_BIGQUERY_SERVICE_ACCOUNT_H

/*
 * A token that the service takes for an hour. It is signed here, so no other host is asked for one: the
 * addresses in the key file are the tenant's texts. Ends the process if the file cannot be used. The caller
 * releases it with forget_text().
 */
extern char *service_account_token(const char *file);

#endif
