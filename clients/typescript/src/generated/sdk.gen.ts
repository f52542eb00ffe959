// Generated from api-spec/openapi.json by `npm run generate`: do not edit.

import { type Client, type ClientMeta, formDataBodySerializer, type Options as Options2, type RequestResult, type ServerSentEventsResult, type TDataShape } from './client';
import { client } from './client.gen';
import type { AcceptInvitationData, AcceptInvitationErrors, AcceptInvitationResponses, ChangeAppData, ChangeAppErrors, ChangeAppResponses, ChangeCredentialData, ChangeCredentialErrors, ChangeCredentialResponses, ChangeDatasetData, ChangeDatasetErrors, ChangeDatasetResponses, ChangeMemberData, ChangeMemberErrors, ChangeMemberResponses, ChangePoolData, ChangePoolErrors, ChangePoolResponses, ChangeSessionData, ChangeSessionErrors, ChangeSessionResponses, ChangeToolProviderData, ChangeToolProviderErrors, ChangeToolProviderResponses, ChangeTriggerData, ChangeTriggerErrors, ChangeTriggerResponses, ChangeWorkflowData, ChangeWorkflowErrors, ChangeWorkflowResponses, ChangeWorkspaceData, ChangeWorkspaceErrors, ChangeWorkspaceResponses, CountRunsData, CountRunsErrors, CountRunsResponses, CreateCredentialData, CreateCredentialErrors, CreateCredentialResponses, CreateDatasetData, CreateDatasetErrors, CreateDatasetResponses, CreateDocumentData, CreateDocumentErrors, CreateDocumentResponses, CreateInvitationData, CreateInvitationErrors, CreateInvitationResponses, CreateKeyData, CreateKeyErrors, CreateKeyResponses, CreatePoolData, CreatePoolErrors, CreatePoolResponses, CreateToolProviderData, CreateToolProviderErrors, CreateToolProviderResponses, CreateWorkflowData, CreateWorkflowErrors, CreateWorkflowResponses, CredentialReferencesData, CredentialReferencesErrors, CredentialReferencesResponses, CredentialUsageData, CredentialUsageErrors, CredentialUsageResponses, CredentialVersionsData, CredentialVersionsErrors, CredentialVersionsResponses, DeleteCredentialData, DeleteCredentialErrors, DeleteCredentialResponses, DeleteDatasetData, DeleteDatasetErrors, DeleteDatasetResponses, DeleteDocumentData, DeleteDocumentErrors, DeleteDocumentResponses, DeleteFileData, DeleteFileErrors, DeleteFileResponses, DeleteInvitationData, DeleteInvitationErrors, DeleteInvitationResponses, DeleteKeyData, DeleteKeyErrors, DeleteKeyResponses, DeletePoolData, DeletePoolErrors, DeletePoolResponses, DeletePriceData, DeletePriceErrors, DeletePriceResponses, DeleteToolProviderData, DeleteToolProviderErrors, DeleteToolProviderResponses, DeleteWorkflowData, DeleteWorkflowErrors, DeleteWorkflowResponses, EndSessionData, EndSessionErrors, EndSessionResponses, ExportWorkflowData, ExportWorkflowErrors, ExportWorkflowResponses, GetAppData, GetAppErrors, GetAppResponses, GetBudgetWebhookData, GetBudgetWebhookErrors, GetBudgetWebhookResponses, GetCredentialData, GetCredentialErrors, GetCredentialResponses, GetDatasetData, GetDatasetErrors, GetDatasetResponses, GetDocumentData, GetDocumentErrors, GetDocumentResponses, GetDraftData, GetDraftErrors, GetDraftResponses, GetFileContentData, GetFileContentErrors, GetFileContentResponses, GetFileData, GetFileErrors, GetFileResponses, GetInvitationData, GetInvitationErrors, GetInvitationResponses, GetMasterKeyData, GetMasterKeyErrors, GetMasterKeyResponses, GetPoolData, GetPoolErrors, GetPoolResponses, GetProviderData, GetProviderErrors, GetProviderResponses, GetRunData, GetRunErrors, GetRunResponses, GetSessionData, GetSessionErrors, GetSessionResponses, GetSettingsData, GetSettingsErrors, GetSettingsResponses, GetSetUpData, GetSetUpErrors, GetSetUpResponses, GetStatusData, GetStatusErrors, GetStatusResponses, GetToolBindingsData, GetToolBindingsErrors, GetToolBindingsResponses, GetToolProviderData, GetToolProviderErrors, GetToolProviderResponses, GetWorkflowData, GetWorkflowErrors, GetWorkflowLimitsData, GetWorkflowLimitsErrors, GetWorkflowLimitsResponses, GetWorkflowResponses, HealthData, HealthResponses, ImportWorkflowData, ImportWorkflowErrors, ImportWorkflowResponses, ListAuditData, ListAuditErrors, ListAuditResponses, ListBudgetEventsData, ListBudgetEventsErrors, ListBudgetEventsResponses, ListCredentialsData, ListCredentialsErrors, ListCredentialsResponses, ListDatasetsData, ListDatasetsErrors, ListDatasetsResponses, ListDocumentsData, ListDocumentsErrors, ListDocumentsResponses, ListFormsData, ListFormsErrors, ListFormsResponses, ListInvitationsData, ListInvitationsErrors, ListInvitationsResponses, ListKeysData, ListKeysErrors, ListKeysResponses, ListMembersData, ListMembersErrors, ListMembersResponses, ListModelCallsData, ListModelCallsErrors, ListModelCallsOfRunData, ListModelCallsOfRunErrors, ListModelCallsOfRunResponses, ListModelCallsResponses, ListNodeExecutionsData, ListNodeExecutionsErrors, ListNodeExecutionsResponses, ListPoolsData, ListPoolsErrors, ListPoolsResponses, ListPricesData, ListPricesErrors, ListPricesResponses, ListProvidersData, ListProvidersErrors, ListProvidersResponses, ListRunsData, ListRunsErrors, ListRunsResponses, ListSegmentsData, ListSegmentsErrors, ListSegmentsResponses, ListToolProvidersData, ListToolProvidersErrors, ListToolProvidersResponses, ListToolsData, ListToolsErrors, ListToolsResponses, ListTriggersData, ListTriggersErrors, ListTriggersResponses, ListVersionsData, ListVersionsErrors, ListVersionsResponses, ListWorkflowsData, ListWorkflowsErrors, ListWorkflowsResponses, LogInData, LogInErrors, LogInResponses, MetricsData, MetricsErrors, MetricsResponses, PoolReferencesData, PoolReferencesErrors, PoolReferencesResponses, PreviewFileData, PreviewFileErrors, PreviewFileResponses, PublishData, PublishErrors, PublishResponses, PutDraftData, PutDraftErrors, PutDraftResponses, PutPriceData, PutPriceErrors, PutPriceResponses, PutSettingsData, PutSettingsErrors, PutSettingsResponses, PutToolBindingsData, PutToolBindingsErrors, PutToolBindingsResponses, PutWorkflowLimitsData, PutWorkflowLimitsErrors, PutWorkflowLimitsResponses, ReadyData, ReadyErrors, ReadyResponses, ReceiveWebhook2Data, ReceiveWebhook2Errors, ReceiveWebhook2Responses, ReceiveWebhook3Data, ReceiveWebhook3Errors, ReceiveWebhook3Responses, ReceiveWebhook4Data, ReceiveWebhook4Errors, ReceiveWebhook4Responses, ReceiveWebhook5Data, ReceiveWebhook5Errors, ReceiveWebhook5Responses, ReceiveWebhookData, ReceiveWebhookErrors, ReceiveWebhookResponses, ReencryptData, ReencryptErrors, ReencryptResponses, RefreshToolProviderData, RefreshToolProviderErrors, RefreshToolProviderResponses, RemoveBudgetWebhookData, RemoveBudgetWebhookErrors, RemoveBudgetWebhookResponses, RemoveMemberData, RemoveMemberErrors, RemoveMemberResponses, ResetHealthData, ResetHealthErrors, ResetHealthResponses, ResolveData, ResolveErrors, ResolveResponses, RestoreVersionData, RestoreVersionErrors, RestoreVersionResponses, RetryDocumentData, RetryDocumentErrors, RetryDocumentResponses, RetryRunData, RetryRunErrors, RetryRunResponses, RollBackCredentialData, RollBackCredentialErrors, RollBackCredentialResponses, RotateCredentialData, RotateCredentialErrors, RotateCredentialResponses, RotateMasterKeyData, RotateMasterKeyErrors, RotateMasterKeyResponses, RunEventsData, RunEventsErrors, RunEventsResponse, RunEventsResponses, RunNodeData, RunNodeErrors, RunNodeResponses, SearchDatasetData, SearchDatasetErrors, SearchDatasetResponses, SetBudgetWebhookData, SetBudgetWebhookErrors, SetBudgetWebhookResponses, SetDefaultData, SetDefaultErrors, SetDefaultResponses, SetUpData, SetUpErrors, SetUpResponses, StartRunData, StartRunErrors, StartRunResponses, StopRunData, StopRunErrors, StopRunResponses, SubmitFormData, SubmitFormErrors, SubmitFormResponses, UploadFileData, UploadFileErrors, UploadFileResponses, UsageData, UsageErrors, UsageResponses, ValidateCredentialData, ValidateCredentialErrors, ValidateCredentialResponses } from './types.gen';

export type Options<TData extends TDataShape = TDataShape, ThrowOnError extends boolean = boolean, TResponse = unknown> = Options2<TData, ThrowOnError, TResponse> & {
    /**
     * You can provide a client instance returned by `createClient()` instead of
     * individual options. This might be also useful if you want to implement a
     * custom client.
     */
    client?: Client;
    /**
     * You can pass arbitrary values through the `meta` object. This can be
     * used to access values that aren't defined as part of the SDK function.
     */
    meta?: keyof ClientMeta extends never ? Record<string, unknown> : ClientMeta;
};

/**
 * Lists keys.
 */
export const listKeys = <ThrowOnError extends boolean = false>(options?: Options<ListKeysData, ThrowOnError>): RequestResult<ListKeysResponses, ListKeysErrors, ThrowOnError> => (options?.client ?? client).get<ListKeysResponses, ListKeysErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/api-keys',
    ...options
});

/**
 * Makes a key; the answer is the only one that shows it.
 */
export const createKey = <ThrowOnError extends boolean = false>(options: Options<CreateKeyData, ThrowOnError>): RequestResult<CreateKeyResponses, CreateKeyErrors, ThrowOnError> => (options.client ?? client).post<CreateKeyResponses, CreateKeyErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/api-keys',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Revokes a key.
 */
export const deleteKey = <ThrowOnError extends boolean = false>(options: Options<DeleteKeyData, ThrowOnError>): RequestResult<DeleteKeyResponses, DeleteKeyErrors, ThrowOnError> => (options.client ?? client).delete<DeleteKeyResponses, DeleteKeyErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/api-keys/{id}',
    ...options
});

/**
 * Lists who changed what, newest first.
 *
 * Needs `audit:read`. As `text/csv` it is one page too; its next cursor stands in the header `x-next-cursor`.
 */
export const listAudit = <ThrowOnError extends boolean = false>(options?: Options<ListAuditData, ThrowOnError>): RequestResult<ListAuditResponses, ListAuditErrors, ThrowOnError> => (options?.client ?? client).get<ListAuditResponses, ListAuditErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/audit',
    ...options
});

/**
 * Lists what has happened to budgets, newest first.
 */
export const listBudgetEvents = <ThrowOnError extends boolean = false>(options?: Options<ListBudgetEventsData, ThrowOnError>): RequestResult<ListBudgetEventsResponses, ListBudgetEventsErrors, ThrowOnError> => (options?.client ?? client).get<ListBudgetEventsResponses, ListBudgetEventsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/budget-events',
    ...options
});

/**
 * Tells nobody about budgets any more.
 */
export const removeBudgetWebhook = <ThrowOnError extends boolean = false>(options?: Options<RemoveBudgetWebhookData, ThrowOnError>): RequestResult<RemoveBudgetWebhookResponses, RemoveBudgetWebhookErrors, ThrowOnError> => (options?.client ?? client).delete<RemoveBudgetWebhookResponses, RemoveBudgetWebhookErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/budget-webhook',
    ...options
});

/**
 * Tells where the workspace is told about its budgets.
 */
export const getBudgetWebhook = <ThrowOnError extends boolean = false>(options?: Options<GetBudgetWebhookData, ThrowOnError>): RequestResult<GetBudgetWebhookResponses, GetBudgetWebhookErrors, ThrowOnError> => (options?.client ?? client).get<GetBudgetWebhookResponses, GetBudgetWebhookErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/budget-webhook',
    ...options
});

/**
 * Sets where the workspace is told about its budgets.
 */
export const setBudgetWebhook = <ThrowOnError extends boolean = false>(options: Options<SetBudgetWebhookData, ThrowOnError>): RequestResult<SetBudgetWebhookResponses, SetBudgetWebhookErrors, ThrowOnError> => (options.client ?? client).put<SetBudgetWebhookResponses, SetBudgetWebhookErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/budget-webhook',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists pools.
 */
export const listPools = <ThrowOnError extends boolean = false>(options?: Options<ListPoolsData, ThrowOnError>): RequestResult<ListPoolsResponses, ListPoolsErrors, ThrowOnError> => (options?.client ?? client).get<ListPoolsResponses, ListPoolsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credential-pools',
    ...options
});

/**
 * Puts several credentials of a provider behind one name.
 */
export const createPool = <ThrowOnError extends boolean = false>(options: Options<CreatePoolData, ThrowOnError>): RequestResult<CreatePoolResponses, CreatePoolErrors, ThrowOnError> => (options.client ?? client).post<CreatePoolResponses, CreatePoolErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credential-pools',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Deletes a pool; its members stay.
 *
 * One that a binding, a dataset or a node names is refused with `pool_in_use` and the list of them, unless `force=true`.
 */
export const deletePool = <ThrowOnError extends boolean = false>(options: Options<DeletePoolData, ThrowOnError>): RequestResult<DeletePoolResponses, DeletePoolErrors, ThrowOnError> => (options.client ?? client).delete<DeletePoolResponses, DeletePoolErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credential-pools/{id}',
    ...options
});

/**
 * Reads a pool.
 */
export const getPool = <ThrowOnError extends boolean = false>(options: Options<GetPoolData, ThrowOnError>): RequestResult<GetPoolResponses, GetPoolErrors, ThrowOnError> => (options.client ?? client).get<GetPoolResponses, GetPoolErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credential-pools/{id}',
    ...options
});

/**
 * Changes a pool; effective at the next call.
 */
export const changePool = <ThrowOnError extends boolean = false>(options: Options<ChangePoolData, ThrowOnError>): RequestResult<ChangePoolResponses, ChangePoolErrors, ThrowOnError> => (options.client ?? client).patch<ChangePoolResponses, ChangePoolErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credential-pools/{id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Tells where a pool is named.
 */
export const poolReferences = <ThrowOnError extends boolean = false>(options: Options<PoolReferencesData, ThrowOnError>): RequestResult<PoolReferencesResponses, PoolReferencesErrors, ThrowOnError> => (options.client ?? client).get<PoolReferencesResponses, PoolReferencesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credential-pools/{id}/references',
    ...options
});

/**
 * Lists credentials.
 */
export const listCredentials = <ThrowOnError extends boolean = false>(options?: Options<ListCredentialsData, ThrowOnError>): RequestResult<ListCredentialsResponses, ListCredentialsErrors, ThrowOnError> => (options?.client ?? client).get<ListCredentialsResponses, ListCredentialsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials',
    ...options
});

/**
 * Stores a credential.
 */
export const createCredential = <ThrowOnError extends boolean = false>(options: Options<CreateCredentialData, ThrowOnError>): RequestResult<CreateCredentialResponses, CreateCredentialErrors, ThrowOnError> => (options.client ?? client).post<CreateCredentialResponses, CreateCredentialErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Deletes a credential.
 *
 * One that a default, a binding, a dataset or a node names, or that is alone in a pool, is refused with `credential_in_use` and the list of them, unless `force=true`.
 */
export const deleteCredential = <ThrowOnError extends boolean = false>(options: Options<DeleteCredentialData, ThrowOnError>): RequestResult<DeleteCredentialResponses, DeleteCredentialErrors, ThrowOnError> => (options.client ?? client).delete<DeleteCredentialResponses, DeleteCredentialErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}',
    ...options
});

/**
 * Reads a credential, without its values.
 */
export const getCredential = <ThrowOnError extends boolean = false>(options: Options<GetCredentialData, ThrowOnError>): RequestResult<GetCredentialResponses, GetCredentialErrors, ThrowOnError> => (options.client ?? client).get<GetCredentialResponses, GetCredentialErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}',
    ...options
});

/**
 * Changes a credential.
 */
export const changeCredential = <ThrowOnError extends boolean = false>(options: Options<ChangeCredentialData, ThrowOnError>): RequestResult<ChangeCredentialResponses, ChangeCredentialErrors, ThrowOnError> => (options.client ?? client).patch<ChangeCredentialResponses, ChangeCredentialErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Tells where a credential is named.
 */
export const credentialReferences = <ThrowOnError extends boolean = false>(options: Options<CredentialReferencesData, ThrowOnError>): RequestResult<CredentialReferencesResponses, CredentialReferencesErrors, ThrowOnError> => (options.client ?? client).get<CredentialReferencesResponses, CredentialReferencesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}/references',
    ...options
});

/**
 * Forgets what calls have shown about a credential: pauses, an empty account, a dead key.
 */
export const resetHealth = <ThrowOnError extends boolean = false>(options: Options<ResetHealthData, ThrowOnError>): RequestResult<ResetHealthResponses, ResetHealthErrors, ThrowOnError> => (options.client ?? client).post<ResetHealthResponses, ResetHealthErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}/reset-health',
    ...options
});

/**
 * Goes back to the values before the last rotation, as long as they are usable.
 */
export const rollBackCredential = <ThrowOnError extends boolean = false>(options: Options<RollBackCredentialData, ThrowOnError>): RequestResult<RollBackCredentialResponses, RollBackCredentialErrors, ThrowOnError> => (options.client ?? client).post<RollBackCredentialResponses, RollBackCredentialErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}/rollback',
    ...options
});

/**
 * Gives a credential new values; the old ones stay usable for an overlap.
 */
export const rotateCredential = <ThrowOnError extends boolean = false>(options: Options<RotateCredentialData, ThrowOnError>): RequestResult<RotateCredentialResponses, RotateCredentialErrors, ThrowOnError> => (options.client ?? client).post<RotateCredentialResponses, RotateCredentialErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}/rotate',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Sums up what one credential paid.
 */
export const credentialUsage = <ThrowOnError extends boolean = false>(options: Options<CredentialUsageData, ThrowOnError>): RequestResult<CredentialUsageResponses, CredentialUsageErrors, ThrowOnError> => (options.client ?? client).get<CredentialUsageResponses, CredentialUsageErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}/usage',
    ...options
});

/**
 * Asks the provider whether a credential is good.
 */
export const validateCredential = <ThrowOnError extends boolean = false>(options: Options<ValidateCredentialData, ThrowOnError>): RequestResult<ValidateCredentialResponses, ValidateCredentialErrors, ThrowOnError> => (options.client ?? client).post<ValidateCredentialResponses, ValidateCredentialErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}/validate',
    ...options
});

/**
 * Lists the versions of a credential's values, newest first.
 */
export const credentialVersions = <ThrowOnError extends boolean = false>(options: Options<CredentialVersionsData, ThrowOnError>): RequestResult<CredentialVersionsResponses, CredentialVersionsErrors, ThrowOnError> => (options.client ?? client).get<CredentialVersionsResponses, CredentialVersionsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/credentials/{id}/versions',
    ...options
});

/**
 * Lists datasets.
 */
export const listDatasets = <ThrowOnError extends boolean = false>(options?: Options<ListDatasetsData, ThrowOnError>): RequestResult<ListDatasetsResponses, ListDatasetsErrors, ThrowOnError> => (options?.client ?? client).get<ListDatasetsResponses, ListDatasetsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets',
    ...options
});

/**
 * Makes a dataset.
 */
export const createDataset = <ThrowOnError extends boolean = false>(options: Options<CreateDatasetData, ThrowOnError>): RequestResult<CreateDatasetResponses, CreateDatasetErrors, ThrowOnError> => (options.client ?? client).post<CreateDatasetResponses, CreateDatasetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Deletes a dataset with its documents.
 */
export const deleteDataset = <ThrowOnError extends boolean = false>(options: Options<DeleteDatasetData, ThrowOnError>): RequestResult<DeleteDatasetResponses, DeleteDatasetErrors, ThrowOnError> => (options.client ?? client).delete<DeleteDatasetResponses, DeleteDatasetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}',
    ...options
});

/**
 * Reads a dataset.
 */
export const getDataset = <ThrowOnError extends boolean = false>(options: Options<GetDatasetData, ThrowOnError>): RequestResult<GetDatasetResponses, GetDatasetErrors, ThrowOnError> => (options.client ?? client).get<GetDatasetResponses, GetDatasetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}',
    ...options
});

/**
 * Changes a dataset.
 */
export const changeDataset = <ThrowOnError extends boolean = false>(options: Options<ChangeDatasetData, ThrowOnError>): RequestResult<ChangeDatasetResponses, ChangeDatasetErrors, ThrowOnError> => (options.client ?? client).patch<ChangeDatasetResponses, ChangeDatasetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists the documents of a dataset.
 */
export const listDocuments = <ThrowOnError extends boolean = false>(options: Options<ListDocumentsData, ThrowOnError>): RequestResult<ListDocumentsResponses, ListDocumentsErrors, ThrowOnError> => (options.client ?? client).get<ListDocumentsResponses, ListDocumentsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}/documents',
    ...options
});

/**
 * Adds a document, as JSON or as its plain text; it is indexed in the background.
 */
export const createDocument = <ThrowOnError extends boolean = false>(options: Options<CreateDocumentData, ThrowOnError>): RequestResult<CreateDocumentResponses, CreateDocumentErrors, ThrowOnError> => (options.client ?? client).post<CreateDocumentResponses, CreateDocumentErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}/documents',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Deletes a document with its segments.
 */
export const deleteDocument = <ThrowOnError extends boolean = false>(options: Options<DeleteDocumentData, ThrowOnError>): RequestResult<DeleteDocumentResponses, DeleteDocumentErrors, ThrowOnError> => (options.client ?? client).delete<DeleteDocumentResponses, DeleteDocumentErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}/documents/{document_id}',
    ...options
});

/**
 * Reads a document.
 */
export const getDocument = <ThrowOnError extends boolean = false>(options: Options<GetDocumentData, ThrowOnError>): RequestResult<GetDocumentResponses, GetDocumentErrors, ThrowOnError> => (options.client ?? client).get<GetDocumentResponses, GetDocumentErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}/documents/{document_id}',
    ...options
});

/**
 * Takes a document up again that could not be indexed.
 */
export const retryDocument = <ThrowOnError extends boolean = false>(options: Options<RetryDocumentData, ThrowOnError>): RequestResult<RetryDocumentResponses, RetryDocumentErrors, ThrowOnError> => (options.client ?? client).post<RetryDocumentResponses, RetryDocumentErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}/documents/{document_id}/retry',
    ...options
});

/**
 * Lists the segments of a document, in its order.
 */
export const listSegments = <ThrowOnError extends boolean = false>(options: Options<ListSegmentsData, ThrowOnError>): RequestResult<ListSegmentsResponses, ListSegmentsErrors, ThrowOnError> => (options.client ?? client).get<ListSegmentsResponses, ListSegmentsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}/documents/{document_id}/segments',
    ...options
});

/**
 * Searches a dataset as a node would.
 */
export const searchDataset = <ThrowOnError extends boolean = false>(options: Options<SearchDatasetData, ThrowOnError>): RequestResult<SearchDatasetResponses, SearchDatasetErrors, ThrowOnError> => (options.client ?? client).post<SearchDatasetResponses, SearchDatasetErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/datasets/{id}/search',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Uploads a file.
 */
export const uploadFile = <ThrowOnError extends boolean = false>(options: Options<UploadFileData, ThrowOnError>): RequestResult<UploadFileResponses, UploadFileErrors, ThrowOnError> => (options.client ?? client).post<UploadFileResponses, UploadFileErrors, ThrowOnError>({
    ...formDataBodySerializer,
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/files',
    ...options,
    headers: {
        'Content-Type': null,
        ...options.headers
    }
});

/**
 * Removes a file.
 */
export const deleteFile = <ThrowOnError extends boolean = false>(options: Options<DeleteFileData, ThrowOnError>): RequestResult<DeleteFileResponses, DeleteFileErrors, ThrowOnError> => (options.client ?? client).delete<DeleteFileResponses, DeleteFileErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/files/{id}',
    ...options
});

/**
 * Reads what is known of a file.
 */
export const getFile = <ThrowOnError extends boolean = false>(options: Options<GetFileData, ThrowOnError>): RequestResult<GetFileResponses, GetFileErrors, ThrowOnError> => (options.client ?? client).get<GetFileResponses, GetFileErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/files/{id}',
    ...options
});

/**
 * Downloads a file.
 */
export const getFileContent = <ThrowOnError extends boolean = false>(options: Options<GetFileContentData, ThrowOnError>): RequestResult<GetFileContentResponses, GetFileContentErrors, ThrowOnError> => (options.client ?? client).get<GetFileContentResponses, GetFileContentErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/files/{id}/content',
    ...options
});

/**
 * Lists the invitations that nobody has accepted yet.
 */
export const listInvitations = <ThrowOnError extends boolean = false>(options?: Options<ListInvitationsData, ThrowOnError>): RequestResult<ListInvitationsResponses, ListInvitationsErrors, ThrowOnError> => (options?.client ?? client).get<ListInvitationsResponses, ListInvitationsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/invitations',
    ...options
});

/**
 * Invites somebody; the answer is the only one that shows the link.
 *
 * An older invitation of the same address is withdrawn.
 */
export const createInvitation = <ThrowOnError extends boolean = false>(options: Options<CreateInvitationData, ThrowOnError>): RequestResult<CreateInvitationResponses, CreateInvitationErrors, ThrowOnError> => (options.client ?? client).post<CreateInvitationResponses, CreateInvitationErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/invitations',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Accepts an invitation: makes the member's account, and begins a session.
 */
export const acceptInvitation = <ThrowOnError extends boolean = false>(options: Options<AcceptInvitationData, ThrowOnError>): RequestResult<AcceptInvitationResponses, AcceptInvitationErrors, ThrowOnError> => (options.client ?? client).post<AcceptInvitationResponses, AcceptInvitationErrors, ThrowOnError>({
    url: '/api/v1/invitations/accept',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Reads the invitation of a link.
 */
export const getInvitation = <ThrowOnError extends boolean = false>(options: Options<GetInvitationData, ThrowOnError>): RequestResult<GetInvitationResponses, GetInvitationErrors, ThrowOnError> => (options.client ?? client).get<GetInvitationResponses, GetInvitationErrors, ThrowOnError>({ url: '/api/v1/invitations/by-token', ...options });

/**
 * Withdraws an invitation.
 */
export const deleteInvitation = <ThrowOnError extends boolean = false>(options: Options<DeleteInvitationData, ThrowOnError>): RequestResult<DeleteInvitationResponses, DeleteInvitationErrors, ThrowOnError> => (options.client ?? client).delete<DeleteInvitationResponses, DeleteInvitationErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/invitations/{id}',
    ...options
});

/**
 * Tells which master key is in force, and how far sealing anew has come.
 */
export const getMasterKey = <ThrowOnError extends boolean = false>(options?: Options<GetMasterKeyData, ThrowOnError>): RequestResult<GetMasterKeyResponses, GetMasterKeyErrors, ThrowOnError> => (options?.client ?? client).get<GetMasterKeyResponses, GetMasterKeyErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/master-key',
    ...options
});

/**
 * Begins to seal everything anew, by a sealed order.
 */
export const reencrypt = <ThrowOnError extends boolean = false>(options: Options<ReencryptData, ThrowOnError>): RequestResult<ReencryptResponses, ReencryptErrors, ThrowOnError> => (options.client ?? client).post<ReencryptResponses, ReencryptErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/master-key/reencrypt',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Changes the master key, by a sealed order.
 */
export const rotateMasterKey = <ThrowOnError extends boolean = false>(options: Options<RotateMasterKeyData, ThrowOnError>): RequestResult<RotateMasterKeyResponses, RotateMasterKeyErrors, ThrowOnError> => (options.client ?? client).post<RotateMasterKeyResponses, RotateMasterKeyErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/master-key/rotate',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists the members, newest first.
 */
export const listMembers = <ThrowOnError extends boolean = false>(options?: Options<ListMembersData, ThrowOnError>): RequestResult<ListMembersResponses, ListMembersErrors, ThrowOnError> => (options?.client ?? client).get<ListMembersResponses, ListMembersErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/members',
    ...options
});

/**
 * Removes a member, with sessions and API keys.
 */
export const removeMember = <ThrowOnError extends boolean = false>(options: Options<RemoveMemberData, ThrowOnError>): RequestResult<RemoveMemberResponses, RemoveMemberErrors, ThrowOnError> => (options.client ?? client).delete<RemoveMemberResponses, RemoveMemberErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/members/{id}',
    ...options
});

/**
 * Changes what a member may do.
 *
 * Nobody gives or takes a role that may do more than himself, and an owner always stays (`last_owner`).
 */
export const changeMember = <ThrowOnError extends boolean = false>(options: Options<ChangeMemberData, ThrowOnError>): RequestResult<ChangeMemberResponses, ChangeMemberErrors, ThrowOnError> => (options.client ?? client).patch<ChangeMemberResponses, ChangeMemberErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/members/{id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists the rows of the ledger.
 */
export const listModelCalls = <ThrowOnError extends boolean = false>(options?: Options<ListModelCallsData, ThrowOnError>): RequestResult<ListModelCallsResponses, ListModelCallsErrors, ThrowOnError> => (options?.client ?? client).get<ListModelCallsResponses, ListModelCallsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/model-calls',
    ...options
});

/**
 * Lists what the workspace states about prices, by provider, model and time.
 */
export const listPrices = <ThrowOnError extends boolean = false>(options?: Options<ListPricesData, ThrowOnError>): RequestResult<ListPricesResponses, ListPricesErrors, ThrowOnError> => (options?.client ?? client).get<ListPricesResponses, ListPricesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/prices',
    ...options
});

/**
 * States the price of a model since a time.
 *
 * It is stronger than the catalogue's and holds for calls opened from then on; rows of the ledger keep the price that they have. What was stated for the same model and time is replaced. Needs `credentials:write`.
 */
export const putPrice = <ThrowOnError extends boolean = false>(options: Options<PutPriceData, ThrowOnError>): RequestResult<PutPriceResponses, PutPriceErrors, ThrowOnError> => (options.client ?? client).put<PutPriceResponses, PutPriceErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/prices',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Takes a stated price away, so that the one before it, or the catalogue's, holds again.
 */
export const deletePrice = <ThrowOnError extends boolean = false>(options: Options<DeletePriceData, ThrowOnError>): RequestResult<DeletePriceResponses, DeletePriceErrors, ThrowOnError> => (options.client ?? client).delete<DeletePriceResponses, DeletePriceErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/prices/{id}',
    ...options
});

/**
 * Lists the providers that can be called.
 */
export const listProviders = <ThrowOnError extends boolean = false>(options?: Options<ListProvidersData, ThrowOnError>): RequestResult<ListProvidersResponses, ListProvidersErrors, ThrowOnError> => (options?.client ?? client).get<ListProvidersResponses, ListProvidersErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/providers',
    ...options
});

/**
 * Reads a provider.
 */
export const getProvider = <ThrowOnError extends boolean = false>(options: Options<GetProviderData, ThrowOnError>): RequestResult<GetProviderResponses, GetProviderErrors, ThrowOnError> => (options.client ?? client).get<GetProviderResponses, GetProviderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/providers/{provider}',
    ...options
});

/**
 * Sets the default credential of a provider, or of one of its models.
 */
export const setDefault = <ThrowOnError extends boolean = false>(options: Options<SetDefaultData, ThrowOnError>): RequestResult<SetDefaultResponses, SetDefaultErrors, ThrowOnError> => (options.client ?? client).put<SetDefaultResponses, SetDefaultErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/providers/{provider}/default',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Counts runs by workflow, day and status.
 *
 * The days are those of UTC. At most 400 of them are counted; seven, up to now, unless said.
 */
export const countRuns = <ThrowOnError extends boolean = false>(options?: Options<CountRunsData, ThrowOnError>): RequestResult<CountRunsResponses, CountRunsErrors, ThrowOnError> => (options?.client ?? client).get<CountRunsResponses, CountRunsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/run-counts',
    ...options
});

/**
 * Lists runs.
 */
export const listRuns = <ThrowOnError extends boolean = false>(options?: Options<ListRunsData, ThrowOnError>): RequestResult<ListRunsResponses, ListRunsErrors, ThrowOnError> => (options?.client ?? client).get<ListRunsResponses, ListRunsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs',
    ...options
});

/**
 * Reads a run.
 */
export const getRun = <ThrowOnError extends boolean = false>(options: Options<GetRunData, ThrowOnError>): RequestResult<GetRunResponses, GetRunErrors, ThrowOnError> => (options.client ?? client).get<GetRunResponses, GetRunErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}',
    ...options
});

/**
 * Listens to a run, from its start or after `Last-Event-ID`.
 */
export const runEvents = <ThrowOnError extends boolean = false>(options: Options<RunEventsData, ThrowOnError, RunEventsResponse>): Promise<ServerSentEventsResult<RunEventsResponses>> => (options.client ?? client).sse.get<RunEventsResponses, RunEventsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}/events',
    ...options
});

/**
 * Lists the forms that a run has asked, in the order in which it did.
 */
export const listForms = <ThrowOnError extends boolean = false>(options: Options<ListFormsData, ThrowOnError>): RequestResult<ListFormsResponses, ListFormsErrors, ThrowOnError> => (options.client ?? client).get<ListFormsResponses, ListFormsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}/forms',
    ...options
});

/**
 * Answers a form; the first answer wins, and its run goes on.
 */
export const submitForm = <ThrowOnError extends boolean = false>(options: Options<SubmitFormData, ThrowOnError>): RequestResult<SubmitFormResponses, SubmitFormErrors, ThrowOnError> => (options.client ?? client).post<SubmitFormResponses, SubmitFormErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}/forms/{form_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists the rows of one run.
 */
export const listModelCallsOfRun = <ThrowOnError extends boolean = false>(options: Options<ListModelCallsOfRunData, ThrowOnError>): RequestResult<ListModelCallsOfRunResponses, ListModelCallsOfRunErrors, ThrowOnError> => (options.client ?? client).get<ListModelCallsOfRunResponses, ListModelCallsOfRunErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}/model-calls',
    ...options
});

/**
 * Lists the node executions of a run that have ended, in the order of their starts.
 */
export const listNodeExecutions = <ThrowOnError extends boolean = false>(options: Options<ListNodeExecutionsData, ThrowOnError>): RequestResult<ListNodeExecutionsResponses, ListNodeExecutionsErrors, ThrowOnError> => (options.client ?? client).get<ListNodeExecutionsResponses, ListNodeExecutionsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}/node-executions',
    ...options
});

/**
 * Repeats a run that is over.
 *
 * From what did not end well, or from a node on. What need not be come to again is taken over.
 */
export const retryRun = <ThrowOnError extends boolean = false>(options: Options<RetryRunData, ThrowOnError>): RequestResult<RetryRunResponses, RetryRunErrors, ThrowOnError> => (options.client ?? client).post<RetryRunResponses, RetryRunErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}/retry',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Stops a run.
 */
export const stopRun = <ThrowOnError extends boolean = false>(options: Options<StopRunData, ThrowOnError>): RequestResult<StopRunResponses, StopRunErrors, ThrowOnError> => (options.client ?? client).post<StopRunResponses, StopRunErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/runs/{id}/stop',
    ...options
});

/**
 * Logs out: the session ends. A key has none.
 */
export const endSession = <ThrowOnError extends boolean = false>(options?: Options<EndSessionData, ThrowOnError>): RequestResult<EndSessionResponses, EndSessionErrors, ThrowOnError> => (options?.client ?? client).delete<EndSessionResponses, EndSessionErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/session',
    ...options
});

/**
 * Says who asks and what he may do, also for a key.
 */
export const getSession = <ThrowOnError extends boolean = false>(options?: Options<GetSessionData, ThrowOnError>): RequestResult<GetSessionResponses, GetSessionErrors, ThrowOnError> => (options?.client ?? client).get<GetSessionResponses, GetSessionErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/session',
    ...options
});

/**
 * Changes the name or the password of the member whose session it is.
 */
export const changeSession = <ThrowOnError extends boolean = false>(options?: Options<ChangeSessionData, ThrowOnError>): RequestResult<ChangeSessionResponses, ChangeSessionErrors, ThrowOnError> => (options?.client ?? client).patch<ChangeSessionResponses, ChangeSessionErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/session',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options?.headers
    }
});

/**
 * Logs in: begins a session, whose cookie comes with the answer.
 */
export const logIn = <ThrowOnError extends boolean = false>(options: Options<LogInData, ThrowOnError>): RequestResult<LogInResponses, LogInErrors, ThrowOnError> => (options.client ?? client).post<LogInResponses, LogInErrors, ThrowOnError>({
    url: '/api/v1/session',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Says whether the owner's account is to be made.
 */
export const getSetUp = <ThrowOnError extends boolean = false>(options?: Options<GetSetUpData, ThrowOnError>): RequestResult<GetSetUpResponses, GetSetUpErrors, ThrowOnError> => (options?.client ?? client).get<GetSetUpResponses, GetSetUpErrors, ThrowOnError>({ url: '/api/v1/setup', ...options });

/**
 * Makes the owner's account with the first start's token, and begins a session.
 *
 * The token stays a key until it is revoked; the file that has it is removed.
 */
export const setUp = <ThrowOnError extends boolean = false>(options: Options<SetUpData, ThrowOnError>): RequestResult<SetUpResponses, SetUpErrors, ThrowOnError> => (options.client ?? client).post<SetUpResponses, SetUpErrors, ThrowOnError>({
    url: '/api/v1/setup',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Tells how the server stands: what people should know first, and how much waits.
 */
export const getStatus = <ThrowOnError extends boolean = false>(options?: Options<GetStatusData, ThrowOnError>): RequestResult<GetStatusResponses, GetStatusErrors, ThrowOnError> => (options?.client ?? client).get<GetStatusResponses, GetStatusErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/status',
    ...options
});

/**
 * Reads what tools of documents are bound to.
 */
export const getToolBindings = <ThrowOnError extends boolean = false>(options?: Options<GetToolBindingsData, ThrowOnError>): RequestResult<GetToolBindingsResponses, GetToolBindingsErrors, ThrowOnError> => (options?.client ?? client).get<GetToolBindingsResponses, GetToolBindingsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-bindings',
    ...options
});

/**
 * Replaces what tools of documents are bound to, if it is still that of `If-Match`; effective at the next use.
 */
export const putToolBindings = <ThrowOnError extends boolean = false>(options: Options<PutToolBindingsData, ThrowOnError>): RequestResult<PutToolBindingsResponses, PutToolBindingsErrors, ThrowOnError> => (options.client ?? client).put<PutToolBindingsResponses, PutToolBindingsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-bindings',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists tool providers.
 */
export const listToolProviders = <ThrowOnError extends boolean = false>(options?: Options<ListToolProvidersData, ThrowOnError>): RequestResult<ListToolProvidersResponses, ListToolProvidersErrors, ThrowOnError> => (options?.client ?? client).get<ListToolProvidersResponses, ListToolProvidersErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-providers',
    ...options
});

/**
 * Makes a tool provider: an API from its OpenAPI document, an MCP server, or a workflow.
 */
export const createToolProvider = <ThrowOnError extends boolean = false>(options: Options<CreateToolProviderData, ThrowOnError>): RequestResult<CreateToolProviderResponses, CreateToolProviderErrors, ThrowOnError> => (options.client ?? client).post<CreateToolProviderResponses, CreateToolProviderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-providers',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Deletes a tool provider.
 */
export const deleteToolProvider = <ThrowOnError extends boolean = false>(options: Options<DeleteToolProviderData, ThrowOnError>): RequestResult<DeleteToolProviderResponses, DeleteToolProviderErrors, ThrowOnError> => (options.client ?? client).delete<DeleteToolProviderResponses, DeleteToolProviderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-providers/{id}',
    ...options
});

/**
 * Reads a tool provider, with the document of an API.
 */
export const getToolProvider = <ThrowOnError extends boolean = false>(options: Options<GetToolProviderData, ThrowOnError>): RequestResult<GetToolProviderResponses, GetToolProviderErrors, ThrowOnError> => (options.client ?? client).get<GetToolProviderResponses, GetToolProviderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-providers/{id}',
    ...options
});

/**
 * Changes a tool provider, if it is still that of `If-Match`.
 */
export const changeToolProvider = <ThrowOnError extends boolean = false>(options: Options<ChangeToolProviderData, ThrowOnError>): RequestResult<ChangeToolProviderResponses, ChangeToolProviderErrors, ThrowOnError> => (options.client ?? client).patch<ChangeToolProviderResponses, ChangeToolProviderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-providers/{id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists the tools of an MCP server again, with the workspace's default credential for it.
 */
export const refreshToolProvider = <ThrowOnError extends boolean = false>(options: Options<RefreshToolProviderData, ThrowOnError>): RequestResult<RefreshToolProviderResponses, RefreshToolProviderErrors, ThrowOnError> => (options.client ?? client).post<RefreshToolProviderResponses, RefreshToolProviderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-providers/{id}/refresh',
    ...options
});

/**
 * Lists the tools of a provider.
 */
export const listTools = <ThrowOnError extends boolean = false>(options: Options<ListToolsData, ThrowOnError>): RequestResult<ListToolsResponses, ListToolsErrors, ThrowOnError> => (options.client ?? client).get<ListToolsResponses, ListToolsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/tool-providers/{id}/tools',
    ...options
});

/**
 * Sums the ledger up.
 *
 * `group_by` (comma-separated: credential, workflow, provider, model, environment, end_user, node, api_key, level, day, usage_source), `from`, `to`, and any of these columns, `credential_id` or `workflow_id` as a filter. Rows by credential and by workflow have its id and its name at the time; sums by credential or level need `credentials:read`.
 */
export const usage = <ThrowOnError extends boolean = false>(options?: Options<UsageData, ThrowOnError>): RequestResult<UsageResponses, UsageErrors, ThrowOnError> => (options?.client ?? client).get<UsageResponses, UsageErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/usage',
    ...options
});

/**
 * Lists workflows.
 */
export const listWorkflows = <ThrowOnError extends boolean = false>(options?: Options<ListWorkflowsData, ThrowOnError>): RequestResult<ListWorkflowsResponses, ListWorkflowsErrors, ThrowOnError> => (options?.client ?? client).get<ListWorkflowsResponses, ListWorkflowsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows',
    ...options
});

/**
 * Makes an empty workflow.
 */
export const createWorkflow = <ThrowOnError extends boolean = false>(options: Options<CreateWorkflowData, ThrowOnError>): RequestResult<CreateWorkflowResponses, CreateWorkflowErrors, ThrowOnError> => (options.client ?? client).post<CreateWorkflowResponses, CreateWorkflowErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Imports a file: its text as YAML, or JSON that holds it.
 */
export const importWorkflow = <ThrowOnError extends boolean = false>(options?: Options<ImportWorkflowData, ThrowOnError>): RequestResult<ImportWorkflowResponses, ImportWorkflowErrors, ThrowOnError> => (options?.client ?? client).post<ImportWorkflowResponses, ImportWorkflowErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/import',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options?.headers
    }
});

/**
 * Deletes a workflow; its runs and its rows of the ledger stay.
 */
export const deleteWorkflow = <ThrowOnError extends boolean = false>(options: Options<DeleteWorkflowData, ThrowOnError>): RequestResult<DeleteWorkflowResponses, DeleteWorkflowErrors, ThrowOnError> => (options.client ?? client).delete<DeleteWorkflowResponses, DeleteWorkflowErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}',
    ...options
});

/**
 * Reads a workflow.
 */
export const getWorkflow = <ThrowOnError extends boolean = false>(options: Options<GetWorkflowData, ThrowOnError>): RequestResult<GetWorkflowResponses, GetWorkflowErrors, ThrowOnError> => (options.client ?? client).get<GetWorkflowResponses, GetWorkflowErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}',
    ...options
});

/**
 * Changes a workflow's name and description.
 */
export const changeWorkflow = <ThrowOnError extends boolean = false>(options: Options<ChangeWorkflowData, ThrowOnError>): RequestResult<ChangeWorkflowResponses, ChangeWorkflowErrors, ThrowOnError> => (options.client ?? client).patch<ChangeWorkflowResponses, ChangeWorkflowErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Reads how a workflow is reached by others: the service API, the MCP server.
 */
export const getApp = <ThrowOnError extends boolean = false>(options: Options<GetAppData, ThrowOnError>): RequestResult<GetAppResponses, GetAppErrors, ThrowOnError> => (options.client ?? client).get<GetAppResponses, GetAppErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/app',
    ...options
});

/**
 * Changes how a workflow is reached by others; effective at the next request.
 */
export const changeApp = <ThrowOnError extends boolean = false>(options: Options<ChangeAppData, ThrowOnError>): RequestResult<ChangeAppResponses, ChangeAppErrors, ThrowOnError> => (options.client ?? client).patch<ChangeAppResponses, ChangeAppErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/app',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Reads the live credential settings.
 */
export const getSettings = <ThrowOnError extends boolean = false>(options: Options<GetSettingsData, ThrowOnError>): RequestResult<GetSettingsResponses, GetSettingsErrors, ThrowOnError> => (options.client ?? client).get<GetSettingsResponses, GetSettingsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/credential-settings',
    ...options
});

/**
 * Replaces the live credential settings, if they are still those of `If-Match`; effective at the next call.
 */
export const putSettings = <ThrowOnError extends boolean = false>(options: Options<PutSettingsData, ThrowOnError>): RequestResult<PutSettingsResponses, PutSettingsErrors, ThrowOnError> => (options.client ?? client).put<PutSettingsResponses, PutSettingsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/credential-settings',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Tells who would pay, without running.
 */
export const resolve = <ThrowOnError extends boolean = false>(options: Options<ResolveData, ThrowOnError>): RequestResult<ResolveResponses, ResolveErrors, ThrowOnError> => (options.client ?? client).post<ResolveResponses, ResolveErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/credentials/resolve',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Reads the draft.
 */
export const getDraft = <ThrowOnError extends boolean = false>(options: Options<GetDraftData, ThrowOnError>): RequestResult<GetDraftResponses, GetDraftErrors, ThrowOnError> => (options.client ?? client).get<GetDraftResponses, GetDraftErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/draft',
    ...options
});

/**
 * Replaces the draft, if it is still the one of `If-Match`.
 */
export const putDraft = <ThrowOnError extends boolean = false>(options: Options<PutDraftData, ThrowOnError>): RequestResult<PutDraftResponses, PutDraftErrors, ThrowOnError> => (options.client ?? client).put<PutDraftResponses, PutDraftErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/draft',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Exports a workflow as a file that Dify reads too.
 */
export const exportWorkflow = <ThrowOnError extends boolean = false>(options: Options<ExportWorkflowData, ThrowOnError>): RequestResult<ExportWorkflowResponses, ExportWorkflowErrors, ThrowOnError> => (options.client ?? client).get<ExportWorkflowResponses, ExportWorkflowErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/export',
    ...options
});

/**
 * Reads limits and budgets of a workflow and of its end users, and how they stand.
 */
export const getWorkflowLimits = <ThrowOnError extends boolean = false>(options: Options<GetWorkflowLimitsData, ThrowOnError>): RequestResult<GetWorkflowLimitsResponses, GetWorkflowLimitsErrors, ThrowOnError> => (options.client ?? client).get<GetWorkflowLimitsResponses, GetWorkflowLimitsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/limits',
    ...options
});

/**
 * Replaces limits and budgets of a workflow and of its end users; effective at the next call.
 */
export const putWorkflowLimits = <ThrowOnError extends boolean = false>(options: Options<PutWorkflowLimitsData, ThrowOnError>): RequestResult<PutWorkflowLimitsResponses, PutWorkflowLimitsErrors, ThrowOnError> => (options.client ?? client).put<PutWorkflowLimitsResponses, PutWorkflowLimitsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/limits',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Runs one node of the draft, with stated values for the variables that it reads.
 *
 * A run of its own kind (`node_id`): the node's outputs stand in its node executions, after those of a start. Credentials are chosen
 * and calls are written down as in every run. What a graph begins, ends and goes round with (`start`, `end`, `answer`, triggers, the
 * starts and ends inside of containers) is refused (`node_not_alone`); a container runs with everything inside of it.
 */
export const runNode = <ThrowOnError extends boolean = false>(options: Options<RunNodeData, ThrowOnError>): RequestResult<RunNodeResponses, RunNodeErrors, ThrowOnError> => (options.client ?? client).post<RunNodeResponses, RunNodeErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/nodes/{node_id}/run',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Publishes the draft.
 */
export const publish = <ThrowOnError extends boolean = false>(options: Options<PublishData, ThrowOnError>): RequestResult<PublishResponses, PublishErrors, ThrowOnError> => (options.client ?? client).post<PublishResponses, PublishErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/publish',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Starts a run.
 */
export const startRun = <ThrowOnError extends boolean = false>(options: Options<StartRunData, ThrowOnError>): RequestResult<StartRunResponses, StartRunErrors, ThrowOnError> => (options.client ?? client).post<StartRunResponses, StartRunErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/runs',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists what begins runs of the published version.
 */
export const listTriggers = <ThrowOnError extends boolean = false>(options: Options<ListTriggersData, ThrowOnError>): RequestResult<ListTriggersResponses, ListTriggersErrors, ThrowOnError> => (options.client ?? client).get<ListTriggersResponses, ListTriggersErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/triggers',
    ...options
});

/**
 * Switches a trigger off or on, or changes the environment of its runs.
 */
export const changeTrigger = <ThrowOnError extends boolean = false>(options: Options<ChangeTriggerData, ThrowOnError>): RequestResult<ChangeTriggerResponses, ChangeTriggerErrors, ThrowOnError> => (options.client ?? client).patch<ChangeTriggerResponses, ChangeTriggerErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/triggers/{trigger_id}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Lists the published versions.
 */
export const listVersions = <ThrowOnError extends boolean = false>(options: Options<ListVersionsData, ThrowOnError>): RequestResult<ListVersionsResponses, ListVersionsErrors, ThrowOnError> => (options.client ?? client).get<ListVersionsResponses, ListVersionsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/versions',
    ...options
});

/**
 * Makes a published version the draft again.
 */
export const restoreVersion = <ThrowOnError extends boolean = false>(options: Options<RestoreVersionData, ThrowOnError>): RequestResult<RestoreVersionResponses, RestoreVersionErrors, ThrowOnError> => (options.client ?? client).post<RestoreVersionResponses, RestoreVersionErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workflows/{id}/versions/{number}/restore',
    ...options
});

/**
 * Gives the workspace another name.
 */
export const changeWorkspace = <ThrowOnError extends boolean = false>(options: Options<ChangeWorkspaceData, ThrowOnError>): RequestResult<ChangeWorkspaceResponses, ChangeWorkspaceErrors, ThrowOnError> => (options.client ?? client).patch<ChangeWorkspaceResponses, ChangeWorkspaceErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/api/v1/workspace',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Reads a file by an address that this server gave.
 */
export const previewFile = <ThrowOnError extends boolean = false>(options: Options<PreviewFileData, ThrowOnError>): RequestResult<PreviewFileResponses, PreviewFileErrors, ThrowOnError> => (options.client ?? client).get<PreviewFileResponses, PreviewFileErrors, ThrowOnError>({ url: '/files/{id}/preview', ...options });

/**
 * Whether the process lives.
 */
export const health = <ThrowOnError extends boolean = false>(options?: Options<HealthData, ThrowOnError>): RequestResult<HealthResponses, unknown, ThrowOnError> => (options?.client ?? client).get<HealthResponses, unknown, ThrowOnError>({ url: '/healthz', ...options });

/**
 * What an operator counts: runs, queue, workers, commits, model calls, tokens, requests; as OpenMetrics text.
 *
 * The bearer is `LATCHKEY_METRICS_TOKEN`. Where that is not set and there is one workspace only, a key of it with `usage:read`.
 */
export const metrics = <ThrowOnError extends boolean = false>(options?: Options<MetricsData, ThrowOnError>): RequestResult<MetricsResponses, MetricsErrors, ThrowOnError> => (options?.client ?? client).get<MetricsResponses, MetricsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'latchkey_session',
            type: 'apiKey'
        }],
    url: '/metrics',
    ...options
});

/**
 * Whether it takes work: the database answers and the process is not ending.
 */
export const ready = <ThrowOnError extends boolean = false>(options?: Options<ReadyData, ThrowOnError>): RequestResult<ReadyResponses, ReadyErrors, ThrowOnError> => (options?.client ?? client).get<ReadyResponses, ReadyErrors, ThrowOnError>({ url: '/readyz', ...options });

/**
 * Begins a run of the workflow that an address belongs to; the answer is the one that its node says.
 */
export const receiveWebhook = <ThrowOnError extends boolean = false>(options: Options<ReceiveWebhookData, ThrowOnError>): RequestResult<ReceiveWebhookResponses, ReceiveWebhookErrors, ThrowOnError> => (options.client ?? client).delete<ReceiveWebhookResponses, ReceiveWebhookErrors, ThrowOnError>({ url: '/webhooks/{address}', ...options });

/**
 * Begins a run of the workflow that an address belongs to; the answer is the one that its node says.
 */
export const receiveWebhook2 = <ThrowOnError extends boolean = false>(options: Options<ReceiveWebhook2Data, ThrowOnError>): RequestResult<ReceiveWebhook2Responses, ReceiveWebhook2Errors, ThrowOnError> => (options.client ?? client).get<ReceiveWebhook2Responses, ReceiveWebhook2Errors, ThrowOnError>({ url: '/webhooks/{address}', ...options });

/**
 * Begins a run of the workflow that an address belongs to; the answer is the one that its node says.
 */
export const receiveWebhook3 = <ThrowOnError extends boolean = false>(options: Options<ReceiveWebhook3Data, ThrowOnError>): RequestResult<ReceiveWebhook3Responses, ReceiveWebhook3Errors, ThrowOnError> => (options.client ?? client).patch<ReceiveWebhook3Responses, ReceiveWebhook3Errors, ThrowOnError>({ url: '/webhooks/{address}', ...options });

/**
 * Begins a run of the workflow that an address belongs to; the answer is the one that its node says.
 */
export const receiveWebhook4 = <ThrowOnError extends boolean = false>(options: Options<ReceiveWebhook4Data, ThrowOnError>): RequestResult<ReceiveWebhook4Responses, ReceiveWebhook4Errors, ThrowOnError> => (options.client ?? client).post<ReceiveWebhook4Responses, ReceiveWebhook4Errors, ThrowOnError>({ url: '/webhooks/{address}', ...options });

/**
 * Begins a run of the workflow that an address belongs to; the answer is the one that its node says.
 */
export const receiveWebhook5 = <ThrowOnError extends boolean = false>(options: Options<ReceiveWebhook5Data, ThrowOnError>): RequestResult<ReceiveWebhook5Responses, ReceiveWebhook5Errors, ThrowOnError> => (options.client ?? client).put<ReceiveWebhook5Responses, ReceiveWebhook5Errors, ThrowOnError>({ url: '/webhooks/{address}', ...options });
