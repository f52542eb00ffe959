// Generated from api-spec/openapi.json by `npm run generate`: do not edit.

export type ClientOptions = {
    baseUrl: `${string}://${string}` | (string & {});
};

/**
 * How an invitation is accepted.
 */
export type AcceptBody = {
    /**
     * The new member's name.
     */
    name: string;
    /**
     * The password: 10 to 200 characters.
     */
    password: string;
    /**
     * The token of the link.
     */
    token: string;
};

/**
 * An amount of money.
 */
export type AmountBody = {
    /**
     * A decimal text.
     */
    amount: string;
    /**
     * ISO 4217 code.
     */
    currency: string;
};

/**
 * What is changed; what is absent stays.
 */
export type AppBody = {
    /**
     * Whether Dify's service API and the facade that speaks OpenAI's format answer.
     */
    api_enabled?: boolean | null;
    /**
     * How many of its runs may be under way that the service API began; 0 is no limit.
     */
    max_active_requests?: number | null;
    /**
     * Whether it is a tool of the MCP server.
     */
    mcp_enabled?: boolean | null;
    /**
     * The name of that tool: 1 to 64 letters, digits, `_`, `-` and `.`; null: the workflow's again.
     */
    mcp_name?: string | null;
};

/**
 * How a workflow is reached.
 */
export type AppView = {
    /**
     * Whether Dify's service API and the facade that speaks OpenAI's format answer.
     */
    api_enabled: boolean;
    /**
     * How many of its runs may be under way that the service API began; 0 is no limit.
     */
    max_active_requests: number;
    /**
     * Whether it is a tool of the MCP server.
     */
    mcp_enabled: boolean;
    /**
     * The name of that tool; null: the workflow's, made to fit.
     */
    mcp_name?: string | null;
};

/**
 * One change.
 */
export type AuditView = {
    /**
     * What, such as `credential.create`.
     */
    action: string;
    /**
     * Who: `api_key:<id>`, `member:<id>` or `operator`.
     */
    actor: string;
    /**
     * The name of that member or key; null for a key that is gone.
     */
    actor_name?: string | null;
    /**
     * When.
     */
    at: string;
    /**
     * More about it: names of fields and of things, never a credential's value.
     */
    detail: {
        [key: string]: unknown;
    };
    /**
     * Its id.
     */
    id: string;
    /**
     * The id of what was changed; of a default, a price or a tool's bindings the provider or workflow.
     */
    subject: string;
};

/**
 * One binding.
 */
export type BindingBody = {
    /**
     * By id.
     */
    credential_id?: string | null;
    /**
     * By name.
     */
    credential_name?: string | null;
    /**
     * The environment, if it is about one only.
     */
    environment?: string | null;
    /**
     * The model, if it is about one only.
     */
    model?: string | null;
    /**
     * The provider.
     */
    provider: string;
};

/**
 * What may be used in a period: either `money` or `tokens`.
 */
export type BudgetBody = {
    money?: AmountBody | null;
    /**
     * day, month (both by UTC) or total.
     */
    period: string;
    /**
     * So many tokens.
     */
    tokens?: number | null;
    /**
     * At which percentage people are warned, 1 to 100.
     */
    warn_percent?: number | null;
};

/**
 * A budget has come to its warning or to its end.
 */
export type BudgetEventView = {
    /**
     * When.
     */
    at: string;
    /**
     * How often that was tried.
     */
    attempts: number;
    /**
     * When it is told next; null when it was told, was given up, or there is nobody to tell.
     */
    deliver_at?: string | null;
    /**
     * When it was told.
     */
    delivered_at?: string | null;
    /**
     * What is told: the holder, the budget, and how it stood.
     */
    event: {
        [key: string]: unknown;
    };
    /**
     * Its id.
     */
    id: string;
    /**
     * Why it could not be told the last time.
     */
    last_error?: string | null;
    /**
     * budget.warning or budget.exceeded.
     */
    type: string;
};

/**
 * A budget and how it stands in the running period.
 */
export type BudgetView = {
    /**
     * How much may be used, in its unit, as a decimal text.
     */
    limit: string;
    money?: AmountBody | null;
    /**
     * day, month (both by UTC) or total.
     */
    period: string;
    /**
     * What calls under way may still use.
     */
    reserved: string;
    /**
     * When the next period begins; null for a total.
     */
    resets_at?: string | null;
    /**
     * So many tokens.
     */
    tokens?: number | null;
    /**
     * What it is counted in: tokens, or a currency.
     */
    unit: string;
    /**
     * What was used.
     */
    used: string;
    /**
     * At which percentage people are warned.
     */
    warn_percent?: number | null;
};

/**
 * Where a workspace is told about its budgets.
 */
export type BudgetWebhookBody = {
    /**
     * The URL that events are posted to.
     */
    url: string;
};

/**
 * Where a workspace is told about its budgets.
 */
export type BudgetWebhookView = {
    /**
     * What requests are signed with; only in the answer to the setting.
     */
    secret?: string | null;
    /**
     * When it was set.
     */
    updated_at?: string | null;
    /**
     * The URL; null when nobody is told.
     */
    url?: string | null;
};

/**
 * A change that came before.
 */
export type Changed = {
    /**
     * When it was made.
     */
    at: string;
    /**
     * By `api_key:<id>`, `member:<id>` or `operator`; null when that is not written down yet.
     */
    by?: string | null;
    /**
     * The name of that member or key.
     */
    by_name?: string | null;
    /**
     * The draft's revision now, as in its `ETag`.
     */
    revision: number;
};

/**
 * What the provider said.
 */
export type CheckedView = {
    /**
     * Why not.
     */
    code?: string | null;
    /**
     * The provider's words.
     */
    message?: string | null;
    /**
     * The credential's state afterwards.
     */
    state: string;
    /**
     * Whether it accepts the credential.
     */
    valid: boolean;
};

/**
 * A stored credential, by id or by name.
 */
export type ChoiceBody = {
    /**
     * By id.
     */
    credential_id?: string | null;
    /**
     * By name.
     */
    credential_name?: string | null;
};

/**
 * How a text is cut: `max_tokens` or `max_characters`.
 */
export type ChunkingBody = {
    /**
     * How many characters a segment may have; 1024 unless said.
     */
    max_characters?: number | null;
    /**
     * How many tokens a segment may have, roughly.
     */
    max_tokens?: number | null;
    /**
     * How much of the segment before is repeated where a passage had to be cut; 50 unless said, never over half a segment.
     */
    overlap?: number | null;
    /**
     * Where a text is always cut; a blank line unless said.
     */
    separator?: string | null;
};

/**
 * A condition on the metadata of documents.
 */
export type ConditionBody = {
    /**
     * `contains`, `not contains`, `start with`, `end with`, `is`, `is not`, `in`, `not in`, `empty`, `not empty`, `before` (`<`), `after` (`>`), `≤` or `≥`.
     */
    comparison_operator: string;
    /**
     * The fact about the document.
     */
    name: string;
    /**
     * With what it is compared.
     */
    value?: Value;
};

/**
 * One level, as resolution met it.
 */
export type ConsideredView = {
    /**
     * Why it failed.
     */
    code?: string | null;
    /**
     * The level.
     */
    level: string;
    /**
     * decided, silent, failed, locked or not_asked.
     */
    outcome: string;
    /**
     * The name of the credential that a level which was not asked would have chosen.
     */
    would_be?: string | null;
};

/**
 * What is changed of a credential; absent fields stay.
 */
export type CredentialChangeBody = {
    /**
     * What it may cost: all of it.
     */
    budgets?: Array<BudgetBody> | null;
    /**
     * From when on it may not pay; null takes the date away.
     */
    expires_at?: string | null;
    /**
     * Where it may be sent; a change only together with all secret values.
     */
    hosts?: Array<string> | null;
    limits?: LimitsBody | null;
    /**
     * Its name.
     */
    name?: string | null;
    scope?: ScopeBody | null;
    /**
     * `active` or `disabled`.
     */
    state?: string | null;
    /**
     * Whether the provider is asked before new values are stored.
     */
    validate?: boolean;
    /**
     * Fields of its form that are entered again; the others stay. All secret ones, if an address or a host changes.
     */
    values?: {
        [key: string]: ValueBody;
    } | null;
};

/**
 * Why no credential pays.
 */
export type CredentialFailureView = {
    /**
     * The stable code.
     */
    code: string;
    /**
     * Every level with its outcome, strongest first.
     */
    considered: Array<ConsideredView>;
    /**
     * The credential that cannot be used, if there is one.
     */
    credential_id?: string | null;
    /**
     * Its name.
     */
    credential_name?: string | null;
    /**
     * The level that failed; null when no level says anything.
     */
    level?: string | null;
    /**
     * What that level says.
     */
    selector?: string | null;
    /**
     * The same, rendered.
     */
    selector_rendered?: string | null;
};

/**
 * A version of a credential's values, without them.
 */
export type CredentialVersionView = {
    /**
     * Why: replaced, elapsed, proved (the newer values have), rolled_back, or refused by the provider.
     */
    ended?: string | null;
    /**
     * When it was destroyed.
     */
    ended_at?: string | null;
    /**
     * From when on it may not pay.
     */
    expires_at?: string | null;
    /**
     * Where it may be sent.
     */
    hosts: Array<string>;
    /**
     * When its provider last confirmed it.
     */
    last_validated_at?: string | null;
    /**
     * When another took its place.
     */
    replaced_at?: string | null;
    /**
     * Its other fields.
     */
    settings: {
        [key: string]: string;
    };
    /**
     * current, usable (beside the current one), or destroyed.
     */
    state: string;
    /**
     * Whether it stays usable only until a call with the newer values has succeeded.
     */
    until_proven: boolean;
    /**
     * Until when it stays usable at most.
     */
    usable_until?: string | null;
    /**
     * Its secret fields: enough to recognise one, not to use it.
     */
    values: {
        [key: string]: FingerprintView;
    };
    /**
     * Its number.
     */
    version: number;
};

/**
 * A stored credential, without its values.
 */
export type CredentialView = {
    /**
     * What it may cost, and how that stands.
     */
    budgets: Array<BudgetView>;
    /**
     * When it was made.
     */
    created_at: string;
    /**
     * From when on it may not pay.
     */
    expires_at?: string | null;
    /**
     * What calls have shown about it.
     */
    health: HealthView;
    /**
     * Where it may be sent.
     */
    hosts: Array<string>;
    /**
     * Its id.
     */
    id: string;
    /**
     * What is taken of these limits now.
     */
    in_use: LimitsInUseView;
    /**
     * When it last paid, roughly.
     */
    last_used_at?: string | null;
    /**
     * When its provider last confirmed it.
     */
    last_validated_at?: string | null;
    /**
     * What it may do per minute and at once.
     */
    limits: LimitsBody;
    /**
     * The model that it is for.
     */
    model?: string | null;
    /**
     * What that model does.
     */
    model_type?: string | null;
    /**
     * Its name.
     */
    name: string;
    /**
     * Its provider.
     */
    provider: string;
    /**
     * Who may use it.
     */
    scope: ScopeBody;
    /**
     * Its other fields.
     */
    settings: {
        [key: string]: string;
    };
    /**
     * active, disabled, invalid or exhausted.
     */
    state: string;
    /**
     * When it was last changed.
     */
    updated_at: string;
    /**
     * Its secret fields: enough to recognise one, not to use it.
     */
    values: {
        [key: string]: FingerprintView;
    };
    /**
     * Counts changes of its values.
     */
    version: number;
};

/**
 * What is changed of a dataset; absent fields stay.
 */
export type DatasetChangeBody = {
    /**
     * What other installations call it: all of them.
     */
    aliases?: Array<string> | null;
    chunking?: ChunkingBody | null;
    /**
     * The credential that pays for its calls, by id; null: whoever pays for such calls anyway.
     */
    credential_id?: string | null;
    /**
     * The same by name. If one of the two is given, both are what is given.
     */
    credential_name?: string | null;
    /**
     * What is in it.
     */
    description?: string | null;
    embedding_model?: DatasetModel | null;
    external?: ExternalBody | null;
    /**
     * Its name.
     */
    name?: string | null;
    retrieval?: RetrievalBody | null;
};

/**
 * A model of a dataset.
 */
export type DatasetModel = {
    /**
     * Its name there.
     */
    name: string;
    /**
     * Its provider, such as `openai`.
     */
    provider: string;
};

/**
 * A dataset.
 */
export type DatasetView = {
    /**
     * What other installations call it.
     */
    aliases: Array<string>;
    /**
     * How documents are cut when they do not say otherwise.
     */
    chunking: ChunkingBody;
    /**
     * When it was made.
     */
    created_at: string;
    /**
     * The credential that pays for its calls, by id.
     */
    credential_id?: string | null;
    /**
     * The credential that pays for its calls, by name.
     */
    credential_name?: string | null;
    /**
     * What is in it.
     */
    description: string;
    /**
     * How many documents it has.
     */
    documents: number;
    embedding_model?: DatasetModel | null;
    external?: ExternalBody | null;
    /**
     * Its id.
     */
    id: string;
    /**
     * Its name.
     */
    name: string;
    /**
     * How it is searched when nobody says otherwise.
     */
    retrieval: RetrievalBody;
    /**
     * `high_quality` or `economy`.
     */
    technique: string;
    /**
     * When it was last changed.
     */
    updated_at: string;
};

/**
 * A default that is set or taken away.
 */
export type DefaultBody = {
    /**
     * The credential; null takes the default away, and has to be said.
     */
    credential_id: string | null;
    /**
     * The model; none for the provider as a whole.
     */
    model?: string | null;
    /**
     * What that model does; `llm` unless said.
     */
    model_type?: string | null;
};

/**
 * Why a document could not be indexed.
 */
export type DocumentErrorView = {
    /**
     * A stable code, or the class of the provider's error.
     */
    code: string;
    /**
     * The text, for people.
     */
    message: string;
};

/**
 * A document.
 */
export type DocumentView = {
    /**
     * How many characters they have.
     */
    characters: number;
    /**
     * How it is cut.
     */
    chunking: ChunkingBody;
    /**
     * When it was added.
     */
    created_at: string;
    /**
     * Its dataset.
     */
    dataset_id: string;
    error?: DocumentErrorView | null;
    /**
     * `text` or `qa`.
     */
    form: string;
    /**
     * Its id.
     */
    id: string;
    /**
     * Facts about it.
     */
    metadata: {
        [key: string]: unknown;
    };
    /**
     * Its name.
     */
    name: string;
    /**
     * How many segments it has so far.
     */
    segments: number;
    /**
     * waiting, indexing, completed or error.
     */
    status: string;
    /**
     * When its status last changed.
     */
    updated_at: string;
};

/**
 * Limits and budgets of each end user.
 */
export type EndUserLimitsView = {
    /**
     * What each may use.
     */
    budgets: Array<BudgetBody>;
    /**
     * What each may do per minute and at once.
     */
    limits: LimitsBody;
    /**
     * How the budgets of the end user stand that was asked about.
     */
    standing?: Array<BudgetView> | null;
};

/**
 * The knowledge of somebody else that a dataset stands for.
 */
export type ExternalBody = {
    /**
     * What the other side calls it.
     */
    knowledge_id: string;
};

/**
 * Why a node failed.
 */
export type FailureView = {
    credential?: CredentialFailureView | null;
    /**
     * The class, such as `CredentialError`.
     */
    error_type: string;
    /**
     * The text; for a credential's failure it begins with the code.
     */
    message: string;
};

/**
 * Which files are taken.
 */
export type FileRulesView = {
    /**
     * Extensions of files of the type `custom`, with dots; empty: all.
     */
    extensions: Array<string>;
    /**
     * How they may be given; empty: in every way.
     */
    methods: Array<string>;
    /**
     * How many; null: any number.
     */
    most?: number | null;
    /**
     * Types; empty: all.
     */
    types: Array<string>;
};

/**
 * A file.
 */
export type FileView = {
    /**
     * SHA-256 of its content, in hexadecimal digits.
     */
    checksum: string;
    /**
     * When it was stored.
     */
    created_at: string;
    /**
     * Its extension in lower case, with the dot; empty when the name has none.
     */
    extension: string;
    /**
     * Its id: the `upload_file_id` of an input.
     */
    id: string;
    /**
     * Its MIME type.
     */
    mime_type: string;
    /**
     * Its name.
     */
    name: string;
    /**
     * The run that made it.
     */
    run_id?: string | null;
    /**
     * Its size in bytes.
     */
    size: number;
    /**
     * image, document, audio, video or custom.
     */
    type: string;
    /**
     * Where whoever has no key reads it, for a day.
     */
    url: string;
    /**
     * The workflow whose run made it, or whose app uploaded it.
     */
    workflow_id?: string | null;
};

/**
 * Which documents are searched.
 */
export type FilterBody = {
    /**
     * The conditions.
     */
    conditions: Array<ConditionBody>;
    /**
     * `and` (default) or `or`.
     */
    logical_operator?: string | null;
};

/**
 * One finding.
 */
export type FindingView = {
    /**
     * The stable code.
     */
    code: string;
    /**
     * The column, from 1.
     */
    column?: number | null;
    /**
     * The field.
     */
    field?: string | null;
    /**
     * The line, from 1.
     */
    line?: number | null;
    /**
     * The text.
     */
    message: string;
    /**
     * The node.
     */
    node_id?: string | null;
    /**
     * info, warning or error.
     */
    severity: string;
};

/**
 * The readable trace of a secret.
 */
export type FingerprintView = {
    /**
     * Equal values of one workspace have equal fingerprints; empty for one that is kept elsewhere.
     */
    fingerprint: string;
    /**
     * The last four characters; empty for short values.
     */
    last4: string;
    /**
     * Where the value is kept, if it is not stored here.
     */
    ref?: string | null;
};

/**
 * Something that can be chosen.
 */
export type FormActionView = {
    /**
     * Its id.
     */
    id: string;
    /**
     * How its button looks: primary, default, accent or ghost.
     */
    style: string;
    /**
     * Its title.
     */
    title: string;
};

/**
 * What was answered.
 */
export type FormAnswerView = {
    /**
     * The chosen action.
     */
    action: string;
    /**
     * The values of the fields.
     */
    values: {
        [key: string]: unknown;
    };
};

/**
 * An answer to a form.
 */
export type FormBody = {
    /**
     * The id of the chosen action.
     */
    action: string;
    /**
     * A value for every field.
     */
    values?: {
        [key: string]: unknown;
    };
};

/**
 * A field of a form.
 */
export type FormInputView = {
    /**
     * What stands there at first.
     */
    default?: string | null;
    files?: FileRulesView | null;
    /**
     * The name of its value.
     */
    name: string;
    /**
     * What can be selected.
     */
    options?: Array<string> | null;
    /**
     * text-input, paragraph, select, file or file-list.
     */
    type: string;
};

/**
 * A form.
 */
export type FormView = {
    /**
     * What can be chosen.
     */
    actions: Array<FormActionView>;
    answer?: FormAnswerView | null;
    /**
     * When it was answered, or its deadline has passed.
     */
    answered_at?: string | null;
    /**
     * The text, as markdown; `{{#$output.name#}}` stands where a field is.
     */
    content: string;
    /**
     * When it was asked.
     */
    created_at: string;
    /**
     * Until when it can be answered.
     */
    due_at: string;
    /**
     * Its id.
     */
    id: string;
    /**
     * The fields, in order.
     */
    inputs: Array<FormInputView>;
    /**
     * The rounds of the containers around the node.
     */
    iteration_path: Array<StepView>;
    /**
     * The node.
     */
    node_id: string;
    /**
     * The run that asks.
     */
    run_id: string;
    /**
     * open, answered, or closed when its run is over.
     */
    state: string;
    /**
     * The node's title.
     */
    title: string;
};

/**
 * What a search has found, the best first.
 */
export type FoundView = {
    /**
     * What was found.
     */
    data: Array<HitView>;
};

/**
 * What calls have shown about a credential.
 */
export type HealthView = {
    /**
     * Why: the class of the provider's error.
     */
    cooling_code?: string | null;
    /**
     * Until when it is left alone, because its provider said so or did not answer.
     */
    cooling_until?: string | null;
    /**
     * Since when its account has no quota left.
     */
    exhausted_at?: string | null;
    /**
     * Failures in a row.
     */
    failures: number;
    /**
     * When a call last failed because of the credential or its provider.
     */
    last_failure_at?: string | null;
    /**
     * When a call last succeeded, to the minute.
     */
    last_success_at?: string | null;
    /**
     * When an exhausted account is tried again, by one call.
     */
    probe_at?: string | null;
};

/**
 * Something that was found.
 */
export type HitView = {
    /**
     * What is shown.
     */
    content: string;
    /**
     * The document's id.
     */
    document_id: string;
    /**
     * The document's name.
     */
    document_name: string;
    /**
     * Facts about the document.
     */
    metadata: {
        [key: string]: unknown;
    };
    /**
     * How well it fits: the cosine of the vectors, the share of the words, both, or what a model says.
     */
    score: number;
    segment?: SegmentView | null;
};

/**
 * A file with how it is imported.
 */
export type ImportBody = {
    /**
     * Whether the credential settings that the file proposes are applied.
     */
    bind?: boolean;
    /**
     * Whether a file of a newer version is taken without asking.
     */
    confirm_newer?: boolean;
    /**
     * The file's text.
     */
    content?: string | null;
    /**
     * From `<provider>/<name in the file>` to the name or id here.
     */
    credential_mapping?: {
        [key: string]: string;
    };
    /**
     * Whether only the report is wanted.
     */
    dry_run?: boolean;
    /**
     * The name; the file's unless said.
     */
    name?: string | null;
    /**
     * Whether it is published at once.
     */
    publish?: boolean;
    /**
     * Where the file is, instead of its text.
     */
    url?: string | null;
    /**
     * The workflow whose draft it replaces; a new one unless said.
     */
    workflow_id?: string | null;
};

/**
 * A credential that a file names.
 */
export type ImportedCredentialView = {
    /**
     * What it was mapped to.
     */
    mapped_to?: string | null;
    /**
     * The model of the first of them.
     */
    model: string;
    /**
     * The nodes that name it.
     */
    node_ids: Array<string>;
    /**
     * The provider.
     */
    provider: string;
    /**
     * What they say.
     */
    selector: ChoiceBody;
    /**
     * found, missing or by_variable.
     */
    state: string;
};

/**
 * What came of an import.
 */
export type ImportedView = {
    /**
     * What was found.
     */
    report: ReportView;
    workflow?: WorkflowView | null;
};

/**
 * An invitation.
 */
export type InvitationView = {
    /**
     * When it was made.
     */
    created_at: string;
    /**
     * Who is invited.
     */
    email: string;
    /**
     * From when on it is refused.
     */
    expires_at: string;
    /**
     * Its id.
     */
    id: string;
    /**
     * By `api_key:<id>`, `member:<id>` or `operator`.
     */
    invited_by: string;
    /**
     * As what.
     */
    role: string;
    /**
     * The link: only in the answer that makes it.
     */
    url?: string | null;
};

/**
 * One thing that is wrong.
 */
export type Item = {
    /**
     * The stable code.
     */
    code: string;
    /**
     * The column, from 1.
     */
    column?: number | null;
    /**
     * The field of the document.
     */
    field?: string | null;
    /**
     * The line of the file, from 1.
     */
    line?: number | null;
    /**
     * The text, for people.
     */
    message: string;
    /**
     * The node.
     */
    node_id?: string | null;
    /**
     * The place in the request's body, as a JSON pointer.
     */
    pointer?: string | null;
};

/**
 * How the keys are.
 */
export type KeyStateView = {
    /**
     * Why sealing anew has ended before its time; the next start, or the next order, goes on.
     */
    failure?: string | null;
    /**
     * What tells the master key from others; it tells nothing of it.
     */
    master_key: string;
    /**
     * Older data keys that are kept: while values are sealed anew, and ten minutes longer.
     */
    older_keys: number;
    /**
     * Whether values are being sealed anew.
     */
    reencrypting: boolean;
    /**
     * Values that were sealed anew since the server started.
     */
    resealed: number;
    /**
     * Values that no key opens: they stay as they are, and so do the older keys.
     */
    unreadable: number;
};

/**
 * A key.
 */
export type KeyView = {
    /**
     * When it was made.
     */
    created_at: string;
    /**
     * The environments of its runs, the default first.
     */
    environments: Array<string>;
    /**
     * From when on it is refused.
     */
    expires_at?: string | null;
    /**
     * Its id.
     */
    id: string;
    /**
     * The key itself: only in the answer that makes it.
     */
    key?: string | null;
    /**
     * workspace or app.
     */
    kind: string;
    /**
     * When it was last used, roughly.
     */
    last_used_at?: string | null;
    /**
     * Its name.
     */
    name: string;
    /**
     * Its first characters.
     */
    prefix: string;
    /**
     * What it may do.
     */
    scopes: Array<string>;
    /**
     * The workflow of an app's key.
     */
    workflow_id?: string | null;
};

/**
 * What may be done per minute and at once. What is absent is not limited.
 */
export type LimitsBody = {
    /**
     * Calls at the same time.
     */
    concurrent_calls?: number | null;
    /**
     * Calls per minute: a minute's worth may be made at once, then room comes back evenly.
     */
    requests_per_minute?: number | null;
    /**
     * Tokens per minute: what a call may use is taken when it begins, what it did not use is given back.
     */
    tokens_per_minute?: number | null;
    /**
     * How long a call may wait for room, in ms; not at all unless said.
     */
    wait_ms?: number | null;
};

/**
 * What is taken of limits now. A minute's worth may be taken at once and comes back evenly, so this falls while nobody calls. What is
 * not limited is absent.
 */
export type LimitsInUseView = {
    /**
     * Calls under way.
     */
    concurrent_calls?: number | null;
    /**
     * Of the calls per minute.
     */
    requests_per_minute?: number | null;
    /**
     * Of the tokens per minute.
     */
    tokens_per_minute?: number | null;
};

/**
 * A part of a list.
 */
export type ListAuditView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * What, such as `credential.create`.
         */
        action: string;
        /**
         * Who: `api_key:<id>`, `member:<id>` or `operator`.
         */
        actor: string;
        /**
         * The name of that member or key; null for a key that is gone.
         */
        actor_name?: string | null;
        /**
         * When.
         */
        at: string;
        /**
         * More about it: names of fields and of things, never a credential's value.
         */
        detail: {
            [key: string]: unknown;
        };
        /**
         * Its id.
         */
        id: string;
        /**
         * The id of what was changed; of a default, a price or a tool's bindings the provider or workflow.
         */
        subject: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListBudgetEventView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * When.
         */
        at: string;
        /**
         * How often that was tried.
         */
        attempts: number;
        /**
         * When it is told next; null when it was told, was given up, or there is nobody to tell.
         */
        deliver_at?: string | null;
        /**
         * When it was told.
         */
        delivered_at?: string | null;
        /**
         * What is told: the holder, the budget, and how it stood.
         */
        event: {
            [key: string]: unknown;
        };
        /**
         * Its id.
         */
        id: string;
        /**
         * Why it could not be told the last time.
         */
        last_error?: string | null;
        /**
         * budget.warning or budget.exceeded.
         */
        type: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListCredentialVersionView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * Why: replaced, elapsed, proved (the newer values have), rolled_back, or refused by the provider.
         */
        ended?: string | null;
        /**
         * When it was destroyed.
         */
        ended_at?: string | null;
        /**
         * From when on it may not pay.
         */
        expires_at?: string | null;
        /**
         * Where it may be sent.
         */
        hosts: Array<string>;
        /**
         * When its provider last confirmed it.
         */
        last_validated_at?: string | null;
        /**
         * When another took its place.
         */
        replaced_at?: string | null;
        /**
         * Its other fields.
         */
        settings: {
            [key: string]: string;
        };
        /**
         * current, usable (beside the current one), or destroyed.
         */
        state: string;
        /**
         * Whether it stays usable only until a call with the newer values has succeeded.
         */
        until_proven: boolean;
        /**
         * Until when it stays usable at most.
         */
        usable_until?: string | null;
        /**
         * Its secret fields: enough to recognise one, not to use it.
         */
        values: {
            [key: string]: FingerprintView;
        };
        /**
         * Its number.
         */
        version: number;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListCredentialView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * What it may cost, and how that stands.
         */
        budgets: Array<BudgetView>;
        /**
         * When it was made.
         */
        created_at: string;
        /**
         * From when on it may not pay.
         */
        expires_at?: string | null;
        /**
         * What calls have shown about it.
         */
        health: HealthView;
        /**
         * Where it may be sent.
         */
        hosts: Array<string>;
        /**
         * Its id.
         */
        id: string;
        /**
         * What is taken of these limits now.
         */
        in_use: LimitsInUseView;
        /**
         * When it last paid, roughly.
         */
        last_used_at?: string | null;
        /**
         * When its provider last confirmed it.
         */
        last_validated_at?: string | null;
        /**
         * What it may do per minute and at once.
         */
        limits: LimitsBody;
        /**
         * The model that it is for.
         */
        model?: string | null;
        /**
         * What that model does.
         */
        model_type?: string | null;
        /**
         * Its name.
         */
        name: string;
        /**
         * Its provider.
         */
        provider: string;
        /**
         * Who may use it.
         */
        scope: ScopeBody;
        /**
         * Its other fields.
         */
        settings: {
            [key: string]: string;
        };
        /**
         * active, disabled, invalid or exhausted.
         */
        state: string;
        /**
         * When it was last changed.
         */
        updated_at: string;
        /**
         * Its secret fields: enough to recognise one, not to use it.
         */
        values: {
            [key: string]: FingerprintView;
        };
        /**
         * Counts changes of its values.
         */
        version: number;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListDatasetView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * What other installations call it.
         */
        aliases: Array<string>;
        /**
         * How documents are cut when they do not say otherwise.
         */
        chunking: ChunkingBody;
        /**
         * When it was made.
         */
        created_at: string;
        /**
         * The credential that pays for its calls, by id.
         */
        credential_id?: string | null;
        /**
         * The credential that pays for its calls, by name.
         */
        credential_name?: string | null;
        /**
         * What is in it.
         */
        description: string;
        /**
         * How many documents it has.
         */
        documents: number;
        embedding_model?: DatasetModel | null;
        external?: ExternalBody | null;
        /**
         * Its id.
         */
        id: string;
        /**
         * Its name.
         */
        name: string;
        /**
         * How it is searched when nobody says otherwise.
         */
        retrieval: RetrievalBody;
        /**
         * `high_quality` or `economy`.
         */
        technique: string;
        /**
         * When it was last changed.
         */
        updated_at: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListDocumentView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * How many characters they have.
         */
        characters: number;
        /**
         * How it is cut.
         */
        chunking: ChunkingBody;
        /**
         * When it was added.
         */
        created_at: string;
        /**
         * Its dataset.
         */
        dataset_id: string;
        error?: DocumentErrorView | null;
        /**
         * `text` or `qa`.
         */
        form: string;
        /**
         * Its id.
         */
        id: string;
        /**
         * Facts about it.
         */
        metadata: {
            [key: string]: unknown;
        };
        /**
         * Its name.
         */
        name: string;
        /**
         * How many segments it has so far.
         */
        segments: number;
        /**
         * waiting, indexing, completed or error.
         */
        status: string;
        /**
         * When its status last changed.
         */
        updated_at: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListFormView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * What can be chosen.
         */
        actions: Array<FormActionView>;
        answer?: FormAnswerView | null;
        /**
         * When it was answered, or its deadline has passed.
         */
        answered_at?: string | null;
        /**
         * The text, as markdown; `{{#$output.name#}}` stands where a field is.
         */
        content: string;
        /**
         * When it was asked.
         */
        created_at: string;
        /**
         * Until when it can be answered.
         */
        due_at: string;
        /**
         * Its id.
         */
        id: string;
        /**
         * The fields, in order.
         */
        inputs: Array<FormInputView>;
        /**
         * The rounds of the containers around the node.
         */
        iteration_path: Array<StepView>;
        /**
         * The node.
         */
        node_id: string;
        /**
         * The run that asks.
         */
        run_id: string;
        /**
         * open, answered, or closed when its run is over.
         */
        state: string;
        /**
         * The node's title.
         */
        title: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListInvitationView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * When it was made.
         */
        created_at: string;
        /**
         * Who is invited.
         */
        email: string;
        /**
         * From when on it is refused.
         */
        expires_at: string;
        /**
         * Its id.
         */
        id: string;
        /**
         * By `api_key:<id>`, `member:<id>` or `operator`.
         */
        invited_by: string;
        /**
         * As what.
         */
        role: string;
        /**
         * The link: only in the answer that makes it.
         */
        url?: string | null;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListKeyView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * When it was made.
         */
        created_at: string;
        /**
         * The environments of its runs, the default first.
         */
        environments: Array<string>;
        /**
         * From when on it is refused.
         */
        expires_at?: string | null;
        /**
         * Its id.
         */
        id: string;
        /**
         * The key itself: only in the answer that makes it.
         */
        key?: string | null;
        /**
         * workspace or app.
         */
        kind: string;
        /**
         * When it was last used, roughly.
         */
        last_used_at?: string | null;
        /**
         * Its name.
         */
        name: string;
        /**
         * Its first characters.
         */
        prefix: string;
        /**
         * What it may do.
         */
        scopes: Array<string>;
        /**
         * The workflow of an app's key.
         */
        workflow_id?: string | null;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListModelCallView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * The API key that called.
         */
        api_key_id?: string | null;
        /**
         * Which attempt of the node, from 1.
         */
        attempt: number;
        /**
         * Tokens read from the provider's cache.
         */
        cache_read_tokens: number;
        /**
         * Tokens written to the provider's cache.
         */
        cache_write_tokens: number;
        /**
         * When it was closed.
         */
        closed_at?: string | null;
        cost?: MoneyView | null;
        /**
         * The credential that paid.
         */
        credential_id?: string | null;
        /**
         * Its name at the time.
         */
        credential_name?: string | null;
        /**
         * The version of its values.
         */
        credential_version?: number | null;
        /**
         * The end user's label.
         */
        end_user?: string | null;
        /**
         * The environment.
         */
        environment: string;
        /**
         * What went wrong.
         */
        error_code?: string | null;
        /**
         * From sending to the first token.
         */
        first_token_ms?: number | null;
        /**
         * The provider's HTTP status.
         */
        http_status?: number | null;
        /**
         * Its id, which the provider was sent too.
         */
        id: string;
        /**
         * Tokens read, not from a cache.
         */
        input_tokens: number;
        /**
         * The rounds of the containers around the node.
         */
        iteration_path: Array<StepView>;
        /**
         * From sending to the end.
         */
        latency_ms?: number | null;
        /**
         * The level that decided.
         */
        level?: string | null;
        /**
         * The model; null when the provider was asked about a credential only.
         */
        model?: string | null;
        /**
         * What the model does: llm, text-embedding, rerank and so on.
         */
        model_type: string;
        /**
         * The node execution.
         */
        node_execution_id?: string | null;
        /**
         * The node.
         */
        node_id?: string | null;
        /**
         * When it was opened.
         */
        opened_at: string;
        /**
         * open, succeeded, failed, cancelled, refused or lost.
         */
        outcome: string;
        /**
         * Tokens written, reasoning not counted.
         */
        output_tokens: number;
        price?: PriceView | null;
        /**
         * The provider.
         */
        provider: string;
        /**
         * The provider's id of the request.
         */
        provider_request_id?: string | null;
        /**
         * What the provider reported, as it reported it.
         */
        raw_usage?: {
            [key: string]: unknown;
        } | null;
        /**
         * Tokens written as reasoning.
         */
        reasoning_tokens: number;
        /**
         * The run.
         */
        run_id?: string | null;
        /**
         * reported, estimated, lost or none.
         */
        usage_source?: string | null;
        /**
         * The published version; null for a draft.
         */
        version?: number | null;
        /**
         * The workflow.
         */
        workflow_id?: string | null;
        /**
         * The workflow's name at the time.
         */
        workflow_name?: string | null;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListPoolView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * When it was made.
         */
        created_at: string;
        /**
         * Its id.
         */
        id: string;
        /**
         * Its members, in their order.
         */
        members: Array<MemberView>;
        /**
         * Its name.
         */
        name: string;
        /**
         * The provider of its members.
         */
        provider: string;
        /**
         * priority, round_robin, weighted or least_busy.
         */
        strategy: string;
        /**
         * When it was last changed.
         */
        updated_at: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListProviderToolView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * What it does.
         */
        description: string;
        /**
         * Its name.
         */
        name: string;
        /**
         * What it takes.
         */
        parameters: Array<ToolParameterView>;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListProviderView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * Other names that are taken for this id.
         */
        aliases: Array<string>;
        /**
         * Where it is unless the credential says otherwise.
         */
        base_url?: string | null;
        /**
         * What a credential of it consists of.
         */
        credential_schema: Array<{
            [key: string]: unknown;
        }>;
        /**
         * The active credential.
         */
        default_credential_id?: string | null;
        /**
         * Its id.
         */
        id: string;
        /**
         * Its name.
         */
        label: string;
        /**
         * The active credentials of models.
         */
        model_defaults: Array<ModelDefaultView>;
        /**
         * The models that are known; others can be called too. `price` is the one in force, `prices` are all of the catalogue's,
         * each with the time since which it holds; of a workspace's own see `/prices`.
         */
        models: Array<{
            [key: string]: unknown;
        }>;
        /**
         * The provider's page that the prices are from.
         */
        price_source?: string | null;
        /**
         * The day on which the prices were last compared with it.
         */
        prices_as_of?: string | null;
        /**
         * required, optional or never.
         */
        secrets: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListReferenceView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * Whether a run decides: the node's selector has variables, and this credential's name fits it.
         */
        by_variable: boolean;
        /**
         * The dataset.
         */
        dataset_id?: string | null;
        /**
         * Its name.
         */
        dataset_name?: string | null;
        /**
         * default, binding, node, pool, dataset or paid.
         */
        kind: string;
        /**
         * When it last paid for the workflow: for `paid`.
         */
        last_used_at?: string | null;
        /**
         * The node.
         */
        node_id?: string | null;
        /**
         * The pool that it is a member of.
         */
        pool_id?: string | null;
        /**
         * Its name.
         */
        pool_name?: string | null;
        /**
         * The published version; null for the draft.
         */
        version?: number | null;
        /**
         * The workflow.
         */
        workflow_id?: string | null;
        /**
         * Its name.
         */
        workflow_name?: string | null;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListRunView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * When it was accepted.
         */
        created_at: string;
        /**
         * The credentials that were asked to pay, in the order of their first calls, for those who may read credentials. Only in
         * lists of runs.
         */
        credentials?: Array<PayerView> | null;
        /**
         * How long it took.
         */
        elapsed_ms?: number | null;
        /**
         * The end user's label.
         */
        end_user?: string | null;
        /**
         * Its environment.
         */
        environment: string;
        error?: RunErrorView | null;
        /**
         * When it ended.
         */
        finished_at?: string | null;
        /**
         * Its id.
         */
        id: string;
        /**
         * Its inputs.
         */
        inputs: {
            [key: string]: unknown;
        };
        /**
         * The only node of the draft that it runs; its inputs are then the stated values, by `node.variable`.
         */
        node_id?: string | null;
        /**
         * Its outputs; null until it is over.
         */
        outputs?: {
            [key: string]: unknown;
        } | null;
        /**
         * The run whose tool it is.
         */
        parent_run_id?: string | null;
        /**
         * The run that it repeats.
         */
        retried_from?: string | null;
        /**
         * When it began.
         */
        started_at?: string | null;
        /**
         * queued, running, succeeded, partial-succeeded, failed, stopped or paused.
         */
        status: string;
        /**
         * Started attempts of nodes.
         */
        steps: number;
        /**
         * The trigger node at which it began, where that was said.
         */
        trigger?: string | null;
        /**
         * What it used.
         */
        usage: UsageView;
        /**
         * `draft` or the published version's number.
         */
        version: VersionName;
        /**
         * The workflow.
         */
        workflow_id: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListSegmentView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * The answer, of a pair.
         */
        answer?: string | null;
        /**
         * How many characters it has.
         */
        characters: number;
        /**
         * Its text; of a pair, the question.
         */
        content: string;
        /**
         * Its document.
         */
        document_id: string;
        /**
         * How often runs have found it.
         */
        hits: number;
        /**
         * Its id.
         */
        id: string;
        /**
         * Its place in the document, from 1.
         */
        position: number;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListStatedPriceView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * Since when the price holds.
         */
        effective_from: string;
        /**
         * Its id.
         */
        id: string;
        /**
         * The model.
         */
        model: string;
        /**
         * What it does.
         */
        model_type: string;
        /**
         * The price.
         */
        price: PriceView;
        /**
         * The provider.
         */
        provider: string;
        /**
         * When it was last stated.
         */
        updated_at: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListToolProviderView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * How its credential is sent.
         */
        auth: ToolAuthBody;
        /**
         * When it was made.
         */
        created_at: string;
        /**
         * The provider that its credentials belong to; none when it needs none.
         */
        credential_provider?: string | null;
        /**
         * What it is for.
         */
        description: string;
        /**
         * The document of an API; only where one provider is read.
         */
        document?: string | null;
        /**
         * Its id.
         */
        id: string;
        /**
         * `openapi`, `mcp` or `workflow`.
         */
        kind: string;
        /**
         * Its name.
         */
        name: string;
        /**
         * Raised by every change; the ETag.
         */
        revision: number;
        /**
         * When it was last changed.
         */
        updated_at: string;
        /**
         * Where an MCP server is.
         */
        url?: string | null;
        /**
         * The workflow.
         */
        workflow_id?: string | null;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListVersionView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * Who published it.
         */
        author: {
            [key: string]: unknown;
        };
        /**
         * What its author says about it.
         */
        note: string;
        /**
         * When.
         */
        published_at: string;
        /**
         * Its number.
         */
        version: number;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListWorkflowView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * When it was made.
         */
        created_at: string;
        /**
         * What it is for.
         */
        description: string;
        /**
         * Counts changes of the draft.
         */
        draft_revision: number;
        /**
         * Its id.
         */
        id: string;
        /**
         * workflow or advanced-chat.
         */
        mode: string;
        /**
         * Its name.
         */
        name: string;
        /**
         * The newest published version.
         */
        published_version?: number | null;
        /**
         * When it was last changed.
         */
        updated_at: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * A part of a list.
 */
export type ListWorkspaceMemberView = {
    /**
     * The rows.
     */
    data: Array<{
        /**
         * Since when there is this member.
         */
        created_at: string;
        /**
         * Whether the member may do nothing.
         */
        disabled: boolean;
        /**
         * Since when.
         */
        disabled_at?: string | null;
        /**
         * The address that the member logs in with.
         */
        email: string;
        /**
         * The id.
         */
        id: string;
        /**
         * When the member was last seen, roughly.
         */
        last_seen_at?: string | null;
        /**
         * The name.
         */
        name: string;
        /**
         * owner, admin, editor or viewer.
         */
        role: string;
    }>;
    /**
     * Where the next page begins; null at the end.
     */
    next_cursor?: string | null;
};

/**
 * How somebody logs in.
 */
export type LogInBody = {
    /**
     * The address.
     */
    email: string;
    /**
     * The password.
     */
    password: string;
};

/**
 * One credential of a pool.
 */
export type MemberBody = {
    /**
     * The credential, of the pool's provider and for all its models.
     */
    credential_id: string;
    /**
     * Its share under `weighted`, from 1 to 1000; 1 unless said.
     */
    weight?: number;
};

/**
 * What is changed about a member; absent fields stay. Whoever is changed has to log in again.
 */
export type MemberChangeBody = {
    /**
     * Whether the member may do nothing: sessions end, and the keys that the member has made are refused.
     */
    disabled?: boolean | null;
    /**
     * `owner`, `admin`, `editor` or `viewer`.
     */
    role?: string | null;
};

/**
 * One credential of a pool.
 */
export type MemberView = {
    /**
     * The credential.
     */
    credential_id: string;
    /**
     * Its name.
     */
    credential_name: string;
    /**
     * Its share under `weighted`.
     */
    weight: number;
};

/**
 * One attempt against a provider.
 */
export type ModelCallView = {
    /**
     * The API key that called.
     */
    api_key_id?: string | null;
    /**
     * Which attempt of the node, from 1.
     */
    attempt: number;
    /**
     * Tokens read from the provider's cache.
     */
    cache_read_tokens: number;
    /**
     * Tokens written to the provider's cache.
     */
    cache_write_tokens: number;
    /**
     * When it was closed.
     */
    closed_at?: string | null;
    cost?: MoneyView | null;
    /**
     * The credential that paid.
     */
    credential_id?: string | null;
    /**
     * Its name at the time.
     */
    credential_name?: string | null;
    /**
     * The version of its values.
     */
    credential_version?: number | null;
    /**
     * The end user's label.
     */
    end_user?: string | null;
    /**
     * The environment.
     */
    environment: string;
    /**
     * What went wrong.
     */
    error_code?: string | null;
    /**
     * From sending to the first token.
     */
    first_token_ms?: number | null;
    /**
     * The provider's HTTP status.
     */
    http_status?: number | null;
    /**
     * Its id, which the provider was sent too.
     */
    id: string;
    /**
     * Tokens read, not from a cache.
     */
    input_tokens: number;
    /**
     * The rounds of the containers around the node.
     */
    iteration_path: Array<StepView>;
    /**
     * From sending to the end.
     */
    latency_ms?: number | null;
    /**
     * The level that decided.
     */
    level?: string | null;
    /**
     * The model; null when the provider was asked about a credential only.
     */
    model?: string | null;
    /**
     * What the model does: llm, text-embedding, rerank and so on.
     */
    model_type: string;
    /**
     * The node execution.
     */
    node_execution_id?: string | null;
    /**
     * The node.
     */
    node_id?: string | null;
    /**
     * When it was opened.
     */
    opened_at: string;
    /**
     * open, succeeded, failed, cancelled, refused or lost.
     */
    outcome: string;
    /**
     * Tokens written, reasoning not counted.
     */
    output_tokens: number;
    price?: PriceView | null;
    /**
     * The provider.
     */
    provider: string;
    /**
     * The provider's id of the request.
     */
    provider_request_id?: string | null;
    /**
     * What the provider reported, as it reported it.
     */
    raw_usage?: {
        [key: string]: unknown;
    } | null;
    /**
     * Tokens written as reasoning.
     */
    reasoning_tokens: number;
    /**
     * The run.
     */
    run_id?: string | null;
    /**
     * reported, estimated, lost or none.
     */
    usage_source?: string | null;
    /**
     * The published version; null for a draft.
     */
    version?: number | null;
    /**
     * The workflow.
     */
    workflow_id?: string | null;
    /**
     * The workflow's name at the time.
     */
    workflow_name?: string | null;
};

/**
 * The active credential of a model.
 */
export type ModelDefaultView = {
    /**
     * Its credential.
     */
    credential_id: string;
    /**
     * The model.
     */
    model: string;
    /**
     * What it does.
     */
    model_type: string;
};

/**
 * A model that a file names.
 */
export type ModelView = {
    /**
     * The line of the first of them.
     */
    line?: number | null;
    /**
     * The model.
     */
    model: string;
    /**
     * The nodes that name it.
     */
    node_ids: Array<string>;
    /**
     * The provider.
     */
    provider: string;
};

/**
 * An amount of money.
 */
export type MoneyView = {
    /**
     * A decimal text.
     */
    amount: string;
    /**
     * ISO 4217 code.
     */
    currency: string;
};

/**
 * Whether the owner's account is to be made.
 */
export type NeedView = {
    /**
     * Whether there is no owner who can log in.
     */
    needed: boolean;
};

/**
 * A credential that is to be stored.
 */
export type NewCredentialBody = {
    /**
     * What it may cost; unlimited unless said.
     */
    budgets?: Array<BudgetBody> | null;
    /**
     * Whether it becomes the default of its provider, or of its model.
     */
    default?: boolean;
    /**
     * From when on it may not pay (RFC 3339).
     */
    expires_at?: string | null;
    /**
     * Where it may be sent (`host` or `host:port`); the host of its URL unless said.
     */
    hosts?: Array<string> | null;
    limits?: LimitsBody | null;
    /**
     * The model, if it is for one only.
     */
    model?: string | null;
    /**
     * What that model does; `llm` unless said.
     */
    model_type?: string | null;
    /**
     * Its name, unique at its provider: letters, digits, dots, underscores, hyphens.
     */
    name: string;
    /**
     * Its provider, such as `openai`.
     */
    provider: string;
    scope?: ScopeBody | null;
    /**
     * Whether the provider is asked first.
     */
    validate?: boolean;
    /**
     * The fields of its provider's form; secret ones are sealed and never shown again.
     */
    values: {
        [key: string]: ValueBody;
    };
};

/**
 * A dataset that is to be made.
 */
export type NewDatasetBody = {
    /**
     * What other installations call it: the ids that stand in imported files.
     */
    aliases?: Array<string>;
    chunking?: ChunkingBody | null;
    /**
     * The credential that pays for its calls, by id.
     */
    credential_id?: string | null;
    /**
     * The credential that pays for its calls, by name.
     */
    credential_name?: string | null;
    /**
     * What is in it: a model that has to choose between datasets reads this.
     */
    description?: string;
    embedding_model?: DatasetModel | null;
    external?: ExternalBody | null;
    /**
     * Its name, unique in the workspace.
     */
    name: string;
    retrieval?: RetrievalBody | null;
    /**
     * `high_quality` (vectors and words) or `economy` (words alone); the former if there is a model, unless said.
     */
    technique?: string | null;
};

/**
 * A document that is to be added: a text, or questions with their answers.
 */
export type NewDocumentBody = {
    chunking?: ChunkingBody | null;
    /**
     * An uploaded file, instead of a text: what can be read of it now.
     */
    file_id?: string | null;
    /**
     * Facts about it by which a search can be narrowed: texts, numbers, true or false.
     */
    metadata?: {
        [key: string]: unknown;
    };
    /**
     * Its name; needed unless it is made of a file, which has one.
     */
    name?: string | null;
    /**
     * Questions with their answers, instead of a text.
     */
    pairs?: Array<PairBody> | null;
    /**
     * Its text.
     */
    text?: string | null;
};

/**
 * Who is invited.
 */
export type NewInvitationBody = {
    /**
     * The address. Nothing is sent to it: the link of the answer is yours to hand over.
     */
    email: string;
    /**
     * `owner`, `admin`, `editor` or `viewer`.
     */
    role: string;
};

/**
 * A key that is to be made.
 */
export type NewKeyBody = {
    /**
     * The environments of its runs, the default first.
     */
    environments?: Array<string>;
    /**
     * From when on it is refused (RFC 3339).
     */
    expires_at?: string | null;
    /**
     * `workspace` (default) or `app`.
     */
    kind?: string | null;
    /**
     * Its name.
     */
    name: string;
    /**
     * What it may do, such as `runs:write`; an app's key that says nothing may start and read its runs.
     */
    scopes?: Array<string>;
    /**
     * The workflow of an app's key.
     */
    workflow_id?: string | null;
};

/**
 * A pool that is to be kept.
 */
export type NewPoolBody = {
    /**
     * Its members, in their order: 1 to 100.
     */
    members: Array<MemberBody>;
    /**
     * Its name, unique among the provider's credentials and pools.
     */
    name: string;
    /**
     * The provider of all its members.
     */
    provider: string;
    /**
     * `priority`, `round_robin`, `weighted` or `least_busy`; `priority` unless said.
     */
    strategy?: string | null;
};

/**
 * A tool provider that is to be made.
 */
export type NewToolProviderBody = {
    auth?: ToolAuthBody | null;
    /**
     * What it is for; what its source says unless said.
     */
    description?: string | null;
    /**
     * Of an API: its OpenAPI 3 document, in JSON or YAML.
     */
    document?: string | null;
    /**
     * What it is: `openapi`, `mcp` or `workflow`.
     */
    kind: ToolKindBody;
    /**
     * Its name, unique in the workspace: letters, digits, dots, underscores, hyphens. Its credentials belong to the provider `tool/<name>`.
     */
    name: string;
    /**
     * Of an API: where its document is, instead of the document. Of an MCP server: where it is.
     */
    url?: string | null;
    /**
     * Of a workflow: which.
     */
    workflow_id?: string | null;
};

/**
 * A workflow that is to be made.
 */
export type NewWorkflowBody = {
    /**
     * What it is for.
     */
    description?: string;
    /**
     * `workflow` (default) or `advanced-chat`.
     */
    mode?: string | null;
    /**
     * Its name.
     */
    name: string;
};

/**
 * One execution of one node, all its attempts together.
 */
export type NodeExecutionView = {
    /**
     * Attempts, from 1.
     */
    attempts: number;
    /**
     * How long it took.
     */
    elapsed_ms?: number | null;
    error?: FailureView | null;
    /**
     * Its id.
     */
    id: string;
    /**
     * Its place in the order of starts, from 1.
     */
    index: number;
    /**
     * Tokens of all attempts.
     */
    input_tokens: number;
    /**
     * What went in.
     */
    inputs?: {
        [key: string]: unknown;
    } | null;
    /**
     * The rounds of the containers around it.
     */
    iteration_path: Array<StepView>;
    /**
     * The node.
     */
    node_id: string;
    /**
     * Tokens of all attempts.
     */
    output_tokens: number;
    /**
     * What came out.
     */
    outputs?: {
        [key: string]: unknown;
    } | null;
    /**
     * What happened inside.
     */
    process_data?: {
        [key: string]: unknown;
    } | null;
    resolution?: ResolutionView | null;
    /**
     * When its first attempt began.
     */
    started_at: string;
    /**
     * running, succeeded, failed, exception, stopped or paused.
     */
    status: string;
    /**
     * The node's title.
     */
    title: string;
    /**
     * The node's type.
     */
    type: string;
};

/**
 * A run of one node of the draft.
 */
export type NodeRunBody = {
    /**
     * Credentials that this run states, by `<provider>` or `<provider>:<model>`.
     */
    credential_overrides?: {
        [key: string]: OverrideBody;
    };
    /**
     * A label for the end user: it grants nothing.
     */
    end_user?: string | null;
    /**
     * The environment; `development` unless said, where there is one.
     */
    environment?: string | null;
    /**
     * The values of the variables that the node reads, by `node.variable`, `sys.variable`, `env.variable` or `conversation.variable`. What
     * is not stated is what the draft says, or nothing. A file is named as in the inputs of a run.
     */
    inputs?: {
        [key: string]: unknown;
    };
    /**
     * How the answer comes; `blocking` unless said.
     */
    response_mode?: ResponseMode;
};

/**
 * What whoever has the link is told.
 */
export type OpenInvitationView = {
    /**
     * Who is invited.
     */
    email: string;
    /**
     * From when on it is refused.
     */
    expires_at: string;
    /**
     * As what.
     */
    role: string;
    /**
     * Where to.
     */
    workspace_name: string;
};

/**
 * An order of the operator, sealed with the master key: `latchkey master-key` makes them.
 */
export type OrderBody = {
    /**
     * The order, in base64.
     */
    order: string;
};

/**
 * What an overlap waits for.
 */
export type OverlapBody = 'until_proven';

/**
 * What a run states for a provider or a model: a stored credential or a pool, or values of its own.
 */
export type OverrideBody = {
    /**
     * A stored credential, by id.
     */
    credential_id?: string | null;
    /**
     * A stored credential or a pool, by name.
     */
    credential_name?: string | null;
    /**
     * Values of the run's own: all fields of the provider's form. They end with the run and are shown nowhere.
     */
    values?: {
        [key: string]: string;
    } | null;
};

/**
 * A question with its answer.
 */
export type PairBody = {
    /**
     * What is found with it.
     */
    answer: string;
    /**
     * What is searched.
     */
    question: string;
};

/**
 * A credential that was asked to pay for a call of a run.
 */
export type PayerView = {
    /**
     * Whether one of its calls has succeeded or is under way.
     */
    has_paid: boolean;
    /**
     * The credential; null if the run has stated its values.
     */
    id?: string | null;
    /**
     * Its name at the time.
     */
    name: string;
    /**
     * Its provider.
     */
    provider: string;
};

/**
 * What is changed of a pool; absent fields stay.
 */
export type PoolChangeBody = {
    /**
     * All its members, in their order.
     */
    members?: Array<MemberBody> | null;
    /**
     * Its name.
     */
    name?: string | null;
    /**
     * Which member pays.
     */
    strategy?: string | null;
};

/**
 * The place of a credential in a pool.
 */
export type PoolMemberView = {
    /**
     * Which attempt this was, from 1.
     */
    attempt: number;
    /**
     * The member's name.
     */
    member: string;
    /**
     * The pool's name.
     */
    name: string;
};

/**
 * A pool.
 */
export type PoolView = {
    /**
     * When it was made.
     */
    created_at: string;
    /**
     * Its id.
     */
    id: string;
    /**
     * Its members, in their order.
     */
    members: Array<MemberView>;
    /**
     * Its name.
     */
    name: string;
    /**
     * The provider of its members.
     */
    provider: string;
    /**
     * priority, round_robin, weighted or least_busy.
     */
    strategy: string;
    /**
     * When it was last changed.
     */
    updated_at: string;
};

/**
 * What is checked before a start.
 */
export type Preflight = 'strict';

/**
 * A price that is stated. Amounts are decimal texts; `"0"` means that it costs nothing.
 */
export type PriceBody = {
    /**
     * A million tokens read from the cache; as much as input unless said.
     */
    cache_read?: string | null;
    /**
     * A million tokens written to the cache; as much as input unless said.
     */
    cache_write?: string | null;
    /**
     * ISO 4217 code of all amounts.
     */
    currency: string;
    /**
     * Since when the price holds; from now on unless said.
     */
    effective_from?: string | null;
    /**
     * A million input tokens.
     */
    input: string;
    /**
     * The model.
     */
    model: string;
    /**
     * What it does; `llm` unless said.
     */
    model_type?: string | null;
    /**
     * A million output tokens; nothing unless said, for models that write none.
     */
    output?: string | null;
    /**
     * The provider.
     */
    provider: string;
    /**
     * A million tokens of reasoning; as much as output unless said.
     */
    reasoning?: string | null;
    /**
     * A call that succeeds, whatever it uses.
     */
    request?: string | null;
    /**
     * Prices of long questions, by ascending length.
     */
    tiers?: Array<PriceTierBody>;
};

/**
 * What a model costs when the question is long.
 */
export type PriceTierBody = {
    /**
     * Questions of more tokens than this, cached ones counted.
     */
    above: number;
    /**
     * A million tokens read from the cache; as much as input unless said.
     */
    cache_read?: string | null;
    /**
     * A million tokens written to the cache; as much as input unless said.
     */
    cache_write?: string | null;
    /**
     * A million input tokens.
     */
    input: string;
    /**
     * A million output tokens.
     */
    output: string;
    /**
     * A million tokens of reasoning; as much as output unless said.
     */
    reasoning?: string | null;
};

/**
 * What a model costs when the question is long.
 */
export type PriceTierView = {
    /**
     * Questions of more tokens than this, cached ones counted.
     */
    above: number;
    /**
     * A million tokens read from the cache.
     */
    cache_read: string;
    /**
     * A million tokens written to the cache.
     */
    cache_write: string;
    /**
     * A million input tokens.
     */
    input: string;
    /**
     * A million output tokens.
     */
    output: string;
    /**
     * A million tokens of reasoning; absent when they cost what output costs.
     */
    reasoning?: string | null;
};

/**
 * What a model costs.
 */
export type PriceView = {
    /**
     * A million tokens read from the cache.
     */
    cache_read: string;
    /**
     * A million tokens written to the cache.
     */
    cache_write: string;
    /**
     * ISO 4217 code of all of them.
     */
    currency: string;
    /**
     * A million input tokens, as a decimal text.
     */
    input: string;
    /**
     * A million output tokens.
     */
    output: string;
    /**
     * A million tokens of reasoning; absent when they cost what output costs.
     */
    reasoning?: string | null;
    /**
     * A call that succeeds, whatever it uses; absent when there is no such fee.
     */
    request?: string | null;
    /**
     * Prices of long questions, by ascending length; absent when there are none. A question longer than `above` pays them for the whole call.
     */
    tiers?: Array<PriceTierView>;
};

/**
 * A refusal.
 */
export type Problem = {
    changed?: Changed | null;
    /**
     * The stable code.
     */
    code: string;
    /**
     * The text, for people.
     */
    detail: string;
    /**
     * Each thing that is wrong, with its place.
     */
    errors: Array<Item>;
    report?: ReportView | null;
    /**
     * The request, to be found in the log.
     */
    request_id: string;
    /**
     * The HTTP status.
     */
    status: number;
    /**
     * The status in words.
     */
    title: string;
    /**
     * Always `about:blank`: the code says what it is.
     */
    type: string;
};

/**
 * A tool of a provider.
 */
export type ProviderToolView = {
    /**
     * What it does.
     */
    description: string;
    /**
     * Its name.
     */
    name: string;
    /**
     * What it takes.
     */
    parameters: Array<ToolParameterView>;
};

/**
 * A provider.
 */
export type ProviderView = {
    /**
     * Other names that are taken for this id.
     */
    aliases: Array<string>;
    /**
     * Where it is unless the credential says otherwise.
     */
    base_url?: string | null;
    /**
     * What a credential of it consists of.
     */
    credential_schema: Array<{
        [key: string]: unknown;
    }>;
    /**
     * The active credential.
     */
    default_credential_id?: string | null;
    /**
     * Its id.
     */
    id: string;
    /**
     * Its name.
     */
    label: string;
    /**
     * The active credentials of models.
     */
    model_defaults: Array<ModelDefaultView>;
    /**
     * The models that are known; others can be called too. `price` is the one in force, `prices` are all of the catalogue's,
     * each with the time since which it holds; of a workspace's own see `/prices`.
     */
    models: Array<{
        [key: string]: unknown;
    }>;
    /**
     * The provider's page that the prices are from.
     */
    price_source?: string | null;
    /**
     * The day on which the prices were last compared with it.
     */
    prices_as_of?: string | null;
    /**
     * required, optional or never.
     */
    secrets: string;
};

/**
 * A version that is to be published.
 */
export type PublishBody = {
    /**
     * What its author says about it.
     */
    note?: string;
};

/**
 * A version that was published.
 */
export type PublishedView = {
    /**
     * Its number.
     */
    version: number;
    /**
     * What of it will not work as it stands.
     */
    warnings?: Array<Item>;
};

/**
 * A place that names a credential or a pool, may come to it, or was paid by it.
 */
export type ReferenceView = {
    /**
     * Whether a run decides: the node's selector has variables, and this credential's name fits it.
     */
    by_variable: boolean;
    /**
     * The dataset.
     */
    dataset_id?: string | null;
    /**
     * Its name.
     */
    dataset_name?: string | null;
    /**
     * default, binding, node, pool, dataset or paid.
     */
    kind: string;
    /**
     * When it last paid for the workflow: for `paid`.
     */
    last_used_at?: string | null;
    /**
     * The node.
     */
    node_id?: string | null;
    /**
     * The pool that it is a member of.
     */
    pool_id?: string | null;
    /**
     * Its name.
     */
    pool_name?: string | null;
    /**
     * The published version; null for the draft.
     */
    version?: number | null;
    /**
     * The workflow.
     */
    workflow_id?: string | null;
    /**
     * Its name.
     */
    workflow_name?: string | null;
};

/**
 * The report of an import.
 */
export type ReportView = {
    /**
     * Whether the credential settings that it proposes were applied.
     */
    credential_settings_applied: boolean;
    /**
     * What the file says about credentials.
     */
    credentials: Array<ImportedCredentialView>;
    /**
     * The file's version.
     */
    dsl_version: string;
    /**
     * Findings.
     */
    items: Array<FindingView>;
    /**
     * The models that it names.
     */
    models: Array<ModelView>;
    /**
     * completed, completed-with-warnings, pending or failed.
     */
    status: string;
    /**
     * The tools that it names.
     */
    tools: Array<ToolView>;
};

/**
 * A model that orders what was found.
 */
export type RerankBody = {
    /**
     * The credential that pays, by id.
     */
    credential_id?: string | null;
    /**
     * The credential that pays, by name.
     */
    credential_name?: string | null;
    /**
     * Its name there.
     */
    model: string;
    /**
     * Its provider.
     */
    provider: string;
};

/**
 * Which credential pays and why.
 */
export type ResolutionView = {
    /**
     * Every level with its outcome, strongest first.
     */
    considered: Array<ConsideredView>;
    /**
     * The credential.
     */
    credential_id?: string | null;
    /**
     * Its name.
     */
    credential_name?: string | null;
    /**
     * The version of its values.
     */
    credential_version?: number | null;
    /**
     * Its place in the node's `credential_fallback`, from 1; absent for the credential that was chosen.
     */
    fallback?: number | null;
    /**
     * The level that decided.
     */
    level: string;
    pool?: PoolMemberView | null;
    /**
     * The provider that is paid.
     */
    provider: string;
    /**
     * What that level says.
     */
    selector?: string | null;
    /**
     * The same, rendered.
     */
    selector_rendered?: string | null;
    /**
     * Those before it in the chain, and why each does not pay.
     */
    skipped?: Array<SkippedView>;
};

/**
 * What a dry run supposes.
 */
export type ResolveBody = {
    /**
     * What the run would state for itself.
     */
    credential_overrides?: {
        [key: string]: OverrideBody;
    };
    /**
     * The end user's label.
     */
    end_user?: string | null;
    /**
     * The environment.
     */
    environment?: string | null;
    /**
     * Inputs, as many as are known.
     */
    inputs?: {
        [key: string]: unknown;
    };
    /**
     * The id of the trigger node at which the run would begin; the first one unless said.
     */
    trigger?: string | null;
    version?: VersionName | null;
};

/**
 * Who would pay at one place.
 */
export type ResolveRow = {
    /**
     * Why nobody would.
     */
    code?: string | null;
    /**
     * Outputs (`node.output`) that only a run can give.
     */
    depends_on?: Array<string> | null;
    /**
     * The whole story of a failure.
     */
    detail?: string | null;
    failure?: CredentialFailureView | null;
    /**
     * The nodes around it that use its workflow as a tool, the outermost first. None for a node of the workflow itself.
     */
    inside?: Array<string>;
    /**
     * The model.
     */
    model: string;
    /**
     * The node.
     */
    node_id: string;
    /**
     * resolved, failed, depends_on or not_needed.
     */
    outcome: string;
    /**
     * The provider.
     */
    provider: string;
    resolution?: ResolutionView | null;
    /**
     * Its title.
     */
    title: string;
};

/**
 * Who would pay at each place.
 */
export type ResolveView = {
    /**
     * One row for each place that names a model.
     */
    nodes: Array<ResolveRow>;
};

/**
 * How the answer comes.
 */
export type ResponseMode = 'blocking' | 'streaming' | 'detached';

/**
 * What a repeated run executes.
 */
export type RetriedVersion = 'same' | 'published';

/**
 * How a dataset is searched when nobody says otherwise.
 */
export type RetrievalBody = {
    /**
     * What a segment must score at least.
     */
    score_threshold?: number | null;
    /**
     * `semantic`, `full_text` or `hybrid`; by vectors where there are any, unless said.
     */
    search_method?: string | null;
    /**
     * How many segments are found at most: 1 to 100, 4 unless said.
     */
    top_k?: number | null;
};

/**
 * How a run is repeated.
 */
export type RetryBody = {
    /**
     * Credentials that the new run states; a run that has stated some needs them stated again.
     */
    credential_overrides?: {
        [key: string]: OverrideBody;
    };
    /**
     * `failed`, or the id of a node of the top level: it and what follows from it is executed again.
     */
    from: string;
    /**
     * What is executed; `same` unless said.
     */
    version?: RetriedVersion;
};

/**
 * New values for a credential.
 */
export type RotationBody = {
    /**
     * From when on the new values may not pay (RFC 3339); null takes the date away, absent leaves it.
     */
    expires_at?: string | null;
    overlap?: OverlapBody | null;
    /**
     * How long the old values stay usable, in milliseconds, up to 90 days; 0: not at all.
     */
    overlap_ms?: number | null;
    /**
     * Whether the provider is asked first.
     */
    validate?: boolean;
    /**
     * Fields of its form; the others stay. All secret ones, if an address changes.
     */
    values: {
        [key: string]: ValueBody;
    };
};

/**
 * Limits and budgets of somebody.
 */
export type RulesBody = {
    /**
     * What may be used.
     */
    budgets?: Array<BudgetBody>;
    /**
     * What may be done per minute and at once.
     */
    limits?: LimitsBody;
};

/**
 * How many runs of a workflow a day had in one status.
 */
export type RunCountView = {
    /**
     * The day, by UTC, such as `2026-11-27`.
     */
    day: string;
    /**
     * So many.
     */
    runs: number;
    /**
     * queued, running, succeeded, partial-succeeded, failed, stopped or paused.
     */
    status: string;
    /**
     * The workflow.
     */
    workflow_id: string;
};

/**
 * Why a run failed.
 */
export type RunErrorView = {
    /**
     * The stable code.
     */
    code: string;
    /**
     * The text.
     */
    message: string;
    /**
     * The node.
     */
    node_id?: string | null;
};

/**
 * A run.
 */
export type RunView = {
    /**
     * When it was accepted.
     */
    created_at: string;
    /**
     * The credentials that were asked to pay, in the order of their first calls, for those who may read credentials. Only in
     * lists of runs.
     */
    credentials?: Array<PayerView> | null;
    /**
     * How long it took.
     */
    elapsed_ms?: number | null;
    /**
     * The end user's label.
     */
    end_user?: string | null;
    /**
     * Its environment.
     */
    environment: string;
    error?: RunErrorView | null;
    /**
     * When it ended.
     */
    finished_at?: string | null;
    /**
     * Its id.
     */
    id: string;
    /**
     * Its inputs.
     */
    inputs: {
        [key: string]: unknown;
    };
    /**
     * The only node of the draft that it runs; its inputs are then the stated values, by `node.variable`.
     */
    node_id?: string | null;
    /**
     * Its outputs; null until it is over.
     */
    outputs?: {
        [key: string]: unknown;
    } | null;
    /**
     * The run whose tool it is.
     */
    parent_run_id?: string | null;
    /**
     * The run that it repeats.
     */
    retried_from?: string | null;
    /**
     * When it began.
     */
    started_at?: string | null;
    /**
     * queued, running, succeeded, partial-succeeded, failed, stopped or paused.
     */
    status: string;
    /**
     * Started attempts of nodes.
     */
    steps: number;
    /**
     * The trigger node at which it began, where that was said.
     */
    trigger?: string | null;
    /**
     * What it used.
     */
    usage: UsageView;
    /**
     * `draft` or the published version's number.
     */
    version: VersionName;
    /**
     * The workflow.
     */
    workflow_id: string;
};

/**
 * When a schedule begins runs.
 */
export type ScheduleView = {
    /**
     * The cron expression of five fields.
     */
    cron: string;
    /**
     * The last time that was served.
     */
    fired_at?: string | null;
    /**
     * How many times before that one went by without a run, because no server was there.
     */
    missed: number;
    /**
     * The next time; null while it is switched off.
     */
    next_at?: string | null;
    /**
     * The time zone.
     */
    timezone: string;
};

/**
 * Who may use a credential. An absent list allows everything of its kind; an empty one allows nothing.
 */
export type ScopeBody = {
    /**
     * Environments.
     */
    environments?: Array<string> | null;
    /**
     * Callers and authors: `{kind: api_key | member, id}`.
     */
    principals?: Array<{
        [key: string]: unknown;
    }> | null;
    /**
     * Workflows.
     */
    workflows?: Array<string> | null;
};

/**
 * A question to a dataset.
 */
export type SearchBody = {
    filters?: FilterBody | null;
    /**
     * The question.
     */
    query: string;
    rerank?: RerankBody | null;
    /**
     * What each must score at least.
     */
    score_threshold?: number | null;
    /**
     * `semantic`, `full_text` or `hybrid`.
     */
    search_method?: string | null;
    /**
     * How many segments are wanted: 1 to 100; as the dataset says, unless said.
     */
    top_k?: number | null;
};

/**
 * A piece of a document.
 */
export type SegmentView = {
    /**
     * The answer, of a pair.
     */
    answer?: string | null;
    /**
     * How many characters it has.
     */
    characters: number;
    /**
     * Its text; of a pair, the question.
     */
    content: string;
    /**
     * Its document.
     */
    document_id: string;
    /**
     * How often runs have found it.
     */
    hits: number;
    /**
     * Its id.
     */
    id: string;
    /**
     * Its place in the document, from 1.
     */
    position: number;
};

/**
 * What a member changes about himself; absent fields stay.
 */
export type SessionChangeBody = {
    /**
     * The password so far, for a new one.
     */
    current_password?: string | null;
    /**
     * The name.
     */
    name?: string | null;
    /**
     * The new password: 10 to 200 characters. It ends all other sessions.
     */
    new_password?: string | null;
};

/**
 * The member whose session it is.
 */
export type SessionMember = {
    /**
     * The address.
     */
    email: string;
    /**
     * The id.
     */
    id: string;
    /**
     * The name.
     */
    name: string;
    /**
     * owner, admin, editor or viewer.
     */
    role: string;
};

/**
 * Who asks, and what he may do.
 */
export type SessionView = {
    /**
     * What changing requests with the session's cookie have to show in the header `X-CSRF-Token`; null for a key.
     */
    csrf_token?: string | null;
    member?: SessionMember | null;
    /**
     * What the caller may do, such as `runs:write`.
     */
    permissions: Array<string>;
    /**
     * The workspace.
     */
    workspace: SessionWorkspace;
};

/**
 * Where somebody is.
 */
export type SessionWorkspace = {
    /**
     * The id.
     */
    id: string;
    /**
     * The name.
     */
    name: string;
};

/**
 * The owner's account.
 */
export type SetUpBody = {
    /**
     * The address that the owner logs in with. Nothing is ever sent to it.
     */
    email: string;
    /**
     * The owner's name.
     */
    name: string;
    /**
     * The password: 10 to 200 characters.
     */
    password: string;
    /**
     * The first start's token, or another key that may do everything.
     */
    token: string;
};

/**
 * The live credential settings of a workflow.
 */
export type SettingsBody = {
    /**
     * Which credential pays for which provider, model and environment.
     */
    bindings?: Array<BindingBody>;
    /**
     * Names and patterns that a run may choose.
     */
    runtime_allow?: Array<string>;
    /**
     * Hosts that inline values may be sent to.
     */
    runtime_hosts?: Array<string>;
    /**
     * Whether a run may state credentials: none, named or inline.
     */
    runtime_override?: string;
    /**
     * No weaker level may pay.
     */
    weakest?: string;
};

/**
 * A credential that a fallback stands in for.
 */
export type SkippedView = {
    /**
     * The code that kept it from paying, or the class of the provider's error.
     */
    code: string;
    /**
     * Its name.
     */
    credential_name?: string | null;
};

/**
 * A start of a run.
 */
export type StartBody = {
    /**
     * Credentials that this run states, by `<provider>` or `<provider>:<model>`.
     */
    credential_overrides?: {
        [key: string]: OverrideBody;
    };
    /**
     * A label for the end user: it grants nothing.
     */
    end_user?: string | null;
    /**
     * The environment; the key's first unless said.
     */
    environment?: string | null;
    /**
     * Files besides the inputs, if the app takes some: each with `transfer_method` and `upload_file_id` or `url`.
     */
    files?: Array<{
        [key: string]: unknown;
    }>;
    /**
     * The inputs, as the start node or the trigger declares them.
     */
    inputs?: {
        [key: string]: unknown;
    };
    preflight?: Preflight | null;
    /**
     * The question, for a workflow that answers in a conversation.
     */
    query?: string | null;
    /**
     * How the answer comes; `blocking` unless said.
     */
    response_mode?: ResponseMode;
    /**
     * The id of the trigger node at which the run begins; the first one unless said.
     */
    trigger?: string | null;
    version?: VersionName | null;
};

/**
 * A price that a workspace has stated.
 */
export type StatedPriceView = {
    /**
     * Since when the price holds.
     */
    effective_from: string;
    /**
     * Its id.
     */
    id: string;
    /**
     * The model.
     */
    model: string;
    /**
     * What it does.
     */
    model_type: string;
    /**
     * The price.
     */
    price: PriceView;
    /**
     * The provider.
     */
    provider: string;
    /**
     * When it was last stated.
     */
    updated_at: string;
};

/**
 * How the server stands.
 */
export type StatusView = {
    /**
     * What people should know before anything else: `no_worker_alive` when nobody executes runs; none when all is well.
     */
    banner?: string | null;
    /**
     * How long the oldest of them has waited, in ms.
     */
    oldest_queued_ms: number;
    /**
     * Runs of the workspace that wait for a person.
     */
    paused: number;
    /**
     * Runs of the workspace that wait for a worker.
     */
    queued: number;
    /**
     * Runs of the workspace at work.
     */
    running: number;
    /**
     * The version of the server.
     */
    version: string;
    /**
     * Workers that live.
     */
    workers: number;
};

/**
 * One round of one container.
 */
export type StepView = {
    /**
     * Its round, from 0.
     */
    index: number;
    /**
     * The iteration or loop.
     */
    node_id: string;
};

/**
 * Where a run stands after it was asked to stop.
 */
export type StopView = {
    /**
     * `stopping`, or the status of a run that was over already.
     */
    status: string;
};

/**
 * How a credential is sent.
 */
export type ToolAuthBody = {
    in?: ToolKeyPlaceBody | null;
    /**
     * The name of that header, parameter or cookie.
     */
    name?: string | null;
    /**
     * What stands before the key, such as `Token `.
     */
    prefix?: string | null;
    /**
     * `none`, `api_key`, `bearer` or `basic`.
     */
    type: ToolAuthKindBody;
};

export type ToolAuthKindBody = 'none' | 'api_key' | 'bearer' | 'basic';

/**
 * What one tool is bound to.
 */
export type ToolBindingBody = {
    /**
     * From a parameter's name in the document to its name at the target.
     */
    parameters?: {
        [key: string]: string;
    };
    /**
     * The provider, as the report of an import names it.
     */
    provider: string;
    /**
     * What is used instead.
     */
    target: ToolTargetBody;
    /**
     * The tool; every tool of the provider unless said.
     */
    tool?: string | null;
};

/**
 * What tools of documents are bound to.
 */
export type ToolBindingsBody = {
    /**
     * Each tool once; a workflow's own are stronger than the workspace's, a tool's than its provider's.
     */
    bindings: Array<ToolBindingBody>;
};

export type ToolKeyPlaceBody = 'header' | 'query' | 'cookie';

/**
 * What a tool provider is.
 */
export type ToolKindBody = 'openapi' | 'mcp' | 'workflow';

/**
 * One parameter of a tool.
 */
export type ToolParameterView = {
    default?: Value | null;
    /**
     * What it is.
     */
    description: string;
    /**
     * Who says it: `llm` (a model or the author) or `form` (the author).
     */
    form: string;
    /**
     * Its name.
     */
    name: string;
    /**
     * The values of a selection.
     */
    options?: Array<string>;
    /**
     * Whether a use without it is refused.
     */
    required: boolean;
    /**
     * Its JSON schema.
     */
    schema?: {
        [key: string]: unknown;
    } | null;
    /**
     * `string`, `number`, `boolean`, `select`, `array`, `object`, `file`, `files`, `any` …
     */
    type: string;
};

/**
 * What is changed of a tool provider; absent fields stay.
 */
export type ToolProviderChangeBody = {
    auth?: ToolAuthBody | null;
    /**
     * What it is for.
     */
    description?: string | null;
    /**
     * Of an API: its new document.
     */
    document?: string | null;
    /**
     * Of an API: where its new document is. Of an MCP server: where it is now; its tools are listed again.
     */
    url?: string | null;
    /**
     * Of a workflow: another one.
     */
    workflow_id?: string | null;
};

/**
 * A tool provider.
 */
export type ToolProviderView = {
    /**
     * How its credential is sent.
     */
    auth: ToolAuthBody;
    /**
     * When it was made.
     */
    created_at: string;
    /**
     * The provider that its credentials belong to; none when it needs none.
     */
    credential_provider?: string | null;
    /**
     * What it is for.
     */
    description: string;
    /**
     * The document of an API; only where one provider is read.
     */
    document?: string | null;
    /**
     * Its id.
     */
    id: string;
    /**
     * `openapi`, `mcp` or `workflow`.
     */
    kind: string;
    /**
     * Its name.
     */
    name: string;
    /**
     * Raised by every change; the ETag.
     */
    revision: number;
    /**
     * When it was last changed.
     */
    updated_at: string;
    /**
     * Where an MCP server is.
     */
    url?: string | null;
    /**
     * The workflow.
     */
    workflow_id?: string | null;
};

/**
 * What a tool is bound to.
 */
export type ToolTargetBody = {
    /**
     * The name of a tool provider, or a built-in one such as `webscraper`.
     */
    provider: string;
    /**
     * Its tool; the one of the same name unless said.
     */
    tool?: string | null;
};

/**
 * A tool that a file names.
 */
export type ToolView = {
    bound_to?: ToolTargetBody | null;
    /**
     * The line of the first of them.
     */
    line?: number | null;
    /**
     * Its provider and its name.
     */
    name: string;
    /**
     * The nodes that name it.
     */
    node_ids: Array<string>;
    /**
     * The provider, as bindings name it.
     */
    provider: string;
    /**
     * `builtin`, `plugin`, `api`, `workflow`, `mcp` …
     */
    provider_type: string;
    /**
     * `bound` or `unbound`: a node of an unbound tool fails when a run reaches it.
     */
    state: string;
    /**
     * The tool.
     */
    tool: string;
};

/**
 * What is changed of a trigger.
 */
export type TriggerChangeBody = {
    /**
     * Whether it begins runs.
     */
    enabled?: boolean | null;
    /**
     * The environment of its runs.
     */
    environment?: string | null;
};

/**
 * What begins runs of the published version.
 */
export type TriggerView = {
    /**
     * When it was first published.
     */
    created_at: string;
    /**
     * Whether it begins runs.
     */
    enabled: boolean;
    /**
     * The environment of its runs.
     */
    environment: string;
    /**
     * Its id.
     */
    id: string;
    /**
     * webhook or schedule.
     */
    kind: string;
    /**
     * Why the last attempt to begin a run has failed.
     */
    last_error?: string | null;
    /**
     * When that run was accepted.
     */
    last_run_at?: string | null;
    /**
     * The last run of a published version that began at its node.
     */
    last_run_id?: string | null;
    /**
     * The node at which its runs begin.
     */
    node_id: string;
    schedule?: ScheduleView | null;
    /**
     * The node's title.
     */
    title: string;
    /**
     * The version that it runs.
     */
    version: number;
    webhook?: WebhookView | null;
};

/**
 * All triggers of a published version.
 */
export type TriggersView = {
    /**
     * The triggers, oldest first.
     */
    data: Array<TriggerView>;
};

/**
 * A file that is to be uploaded, as one part of a form.
 */
export type UploadForm = {
    /**
     * The content; the part's file name and content type say what it is.
     */
    file: Blob | File;
};

/**
 * Sums over the ledger.
 */
export type UsageSums = {
    /**
     * One row for each combination of the keys: the keys and the sums.
     */
    rows: Array<{
        [key: string]: unknown;
    }>;
    /**
     * All rows together.
     */
    total: {
        [key: string]: unknown;
    };
};

/**
 * What was used.
 */
export type UsageView = {
    /**
     * Money by currency.
     */
    cost: Array<MoneyView>;
    /**
     * Tokens that models read, cached ones included.
     */
    input_tokens: number;
    /**
     * Tokens that models wrote, reasoning included.
     */
    output_tokens: number;
    /**
     * Calls whose price is unknown.
     */
    unpriced_calls: number;
};

export type Value = unknown;

/**
 * A field of a credential's form.
 */
export type ValueBody = string | ValueReferenceBody;

/**
 * Where the value of a secret field is kept, as far as the operator allows it.
 */
export type ValueReferenceBody = {
    /**
     * `env:NAME`, `file:/path` or `vault:mount/path#field`.
     */
    ref: string;
};

/**
 * A version of a workflow.
 */
export type VersionName = number | string;

/**
 * A published version.
 */
export type VersionView = {
    /**
     * Who published it.
     */
    author: {
        [key: string]: unknown;
    };
    /**
     * What its author says about it.
     */
    note: string;
    /**
     * When.
     */
    published_at: string;
    /**
     * Its number.
     */
    version: number;
};

/**
 * What a webhook takes, and where.
 */
export type WebhookView = {
    /**
     * The type of its bodies.
     */
    content_type: string;
    /**
     * The only method.
     */
    method: string;
    /**
     * The path of its address at this server. Whoever knows it may begin runs.
     */
    path: string;
};

/**
 * What is changed of a workflow; absent fields stay.
 */
export type WorkflowChangeBody = {
    /**
     * What it is for.
     */
    description?: string | null;
    /**
     * Its name.
     */
    name?: string | null;
};

/**
 * Limits and budgets of a workflow, and those that hold for each of its end users.
 */
export type WorkflowLimitsBody = {
    /**
     * Of all its calls together.
     */
    budgets?: Array<BudgetBody>;
    /**
     * Of the calls for each end user.
     */
    end_users?: RulesBody;
    /**
     * Of all its calls together.
     */
    limits?: LimitsBody;
};

/**
 * Limits and budgets of a workflow and how they stand.
 */
export type WorkflowLimitsView = {
    /**
     * Of all its calls together.
     */
    budgets: Array<BudgetView>;
    /**
     * Of the calls for each end user.
     */
    end_users: EndUserLimitsView;
    /**
     * Of all its calls together.
     */
    limits: LimitsBody;
};

/**
 * A workflow.
 */
export type WorkflowView = {
    /**
     * When it was made.
     */
    created_at: string;
    /**
     * What it is for.
     */
    description: string;
    /**
     * Counts changes of the draft.
     */
    draft_revision: number;
    /**
     * Its id.
     */
    id: string;
    /**
     * workflow or advanced-chat.
     */
    mode: string;
    /**
     * Its name.
     */
    name: string;
    /**
     * The newest published version.
     */
    published_version?: number | null;
    /**
     * When it was last changed.
     */
    updated_at: string;
};

/**
 * What is changed of the workspace.
 */
export type WorkspaceChangeBody = {
    /**
     * Its name: 1 to 200 characters on one line.
     */
    name: string;
};

/**
 * A member.
 */
export type WorkspaceMemberView = {
    /**
     * Since when there is this member.
     */
    created_at: string;
    /**
     * Whether the member may do nothing.
     */
    disabled: boolean;
    /**
     * Since when.
     */
    disabled_at?: string | null;
    /**
     * The address that the member logs in with.
     */
    email: string;
    /**
     * The id.
     */
    id: string;
    /**
     * When the member was last seen, roughly.
     */
    last_seen_at?: string | null;
    /**
     * The name.
     */
    name: string;
    /**
     * owner, admin, editor or viewer.
     */
    role: string;
};

export type ListKeysData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/api-keys';
};

export type ListKeysErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListKeysError = ListKeysErrors[keyof ListKeysErrors];

export type ListKeysResponses = {
    /**
     * done
     */
    200: ListKeyView;
};

export type ListKeysResponse = ListKeysResponses[keyof ListKeysResponses];

export type CreateKeyData = {
    body: NewKeyBody;
    path?: never;
    query?: never;
    url: '/api/v1/api-keys';
};

export type CreateKeyErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreateKeyError = CreateKeyErrors[keyof CreateKeyErrors];

export type CreateKeyResponses = {
    /**
     * made
     */
    201: KeyView;
};

export type CreateKeyResponse = CreateKeyResponses[keyof CreateKeyResponses];

export type DeleteKeyData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/api-keys/{id}';
};

export type DeleteKeyErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteKeyError = DeleteKeyErrors[keyof DeleteKeyErrors];

export type DeleteKeyResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteKeyResponse = DeleteKeyResponses[keyof DeleteKeyResponses];

export type ListAuditData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
        /**
         * Of the thing with this id.
         */
        subject?: string;
        /**
         * By `api_key:<id>`, `member:<id>` or `operator`.
         */
        actor?: string;
        /**
         * Of one action, such as `credential.create`, or of one kind of thing, such as `credential`.
         */
        action?: string;
        /**
         * At this time or later.
         */
        from?: string;
        /**
         * Before this time.
         */
        to?: string;
    };
    url: '/api/v1/audit';
};

export type ListAuditErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListAuditError = ListAuditErrors[keyof ListAuditErrors];

export type ListAuditResponses = {
    /**
     * done
     */
    200: ListAuditView;
};

export type ListAuditResponse = ListAuditResponses[keyof ListAuditResponses];

export type ListBudgetEventsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/budget-events';
};

export type ListBudgetEventsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListBudgetEventsError = ListBudgetEventsErrors[keyof ListBudgetEventsErrors];

export type ListBudgetEventsResponses = {
    /**
     * done
     */
    200: ListBudgetEventView;
};

export type ListBudgetEventsResponse = ListBudgetEventsResponses[keyof ListBudgetEventsResponses];

export type RemoveBudgetWebhookData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/budget-webhook';
};

export type RemoveBudgetWebhookErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RemoveBudgetWebhookError = RemoveBudgetWebhookErrors[keyof RemoveBudgetWebhookErrors];

export type RemoveBudgetWebhookResponses = {
    /**
     * removed
     */
    204: void;
};

export type RemoveBudgetWebhookResponse = RemoveBudgetWebhookResponses[keyof RemoveBudgetWebhookResponses];

export type GetBudgetWebhookData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/budget-webhook';
};

export type GetBudgetWebhookErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetBudgetWebhookError = GetBudgetWebhookErrors[keyof GetBudgetWebhookErrors];

export type GetBudgetWebhookResponses = {
    /**
     * done
     */
    200: BudgetWebhookView;
};

export type GetBudgetWebhookResponse = GetBudgetWebhookResponses[keyof GetBudgetWebhookResponses];

export type SetBudgetWebhookData = {
    body: BudgetWebhookBody;
    path?: never;
    query?: never;
    url: '/api/v1/budget-webhook';
};

export type SetBudgetWebhookErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type SetBudgetWebhookError = SetBudgetWebhookErrors[keyof SetBudgetWebhookErrors];

export type SetBudgetWebhookResponses = {
    /**
     * done
     */
    200: BudgetWebhookView;
};

export type SetBudgetWebhookResponse = SetBudgetWebhookResponses[keyof SetBudgetWebhookResponses];

export type ListPoolsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/credential-pools';
};

export type ListPoolsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListPoolsError = ListPoolsErrors[keyof ListPoolsErrors];

export type ListPoolsResponses = {
    /**
     * done
     */
    200: ListPoolView;
};

export type ListPoolsResponse = ListPoolsResponses[keyof ListPoolsResponses];

export type CreatePoolData = {
    body: NewPoolBody;
    path?: never;
    query?: never;
    url: '/api/v1/credential-pools';
};

export type CreatePoolErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreatePoolError = CreatePoolErrors[keyof CreatePoolErrors];

export type CreatePoolResponses = {
    /**
     * made
     */
    201: PoolView;
};

export type CreatePoolResponse = CreatePoolResponses[keyof CreatePoolResponses];

export type DeletePoolData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * Whether it goes although something names it.
         */
        force?: boolean;
    };
    url: '/api/v1/credential-pools/{id}';
};

export type DeletePoolErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeletePoolError = DeletePoolErrors[keyof DeletePoolErrors];

export type DeletePoolResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeletePoolResponse = DeletePoolResponses[keyof DeletePoolResponses];

export type GetPoolData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credential-pools/{id}';
};

export type GetPoolErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetPoolError = GetPoolErrors[keyof GetPoolErrors];

export type GetPoolResponses = {
    /**
     * done
     */
    200: PoolView;
};

export type GetPoolResponse = GetPoolResponses[keyof GetPoolResponses];

export type ChangePoolData = {
    body?: PoolChangeBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credential-pools/{id}';
};

export type ChangePoolErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangePoolError = ChangePoolErrors[keyof ChangePoolErrors];

export type ChangePoolResponses = {
    /**
     * done
     */
    200: PoolView;
};

export type ChangePoolResponse = ChangePoolResponses[keyof ChangePoolResponses];

export type PoolReferencesData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/credential-pools/{id}/references';
};

export type PoolReferencesErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PoolReferencesError = PoolReferencesErrors[keyof PoolReferencesErrors];

export type PoolReferencesResponses = {
    /**
     * done
     */
    200: ListReferenceView;
};

export type PoolReferencesResponse = PoolReferencesResponses[keyof PoolReferencesResponses];

export type ListCredentialsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/credentials';
};

export type ListCredentialsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListCredentialsError = ListCredentialsErrors[keyof ListCredentialsErrors];

export type ListCredentialsResponses = {
    /**
     * done
     */
    200: ListCredentialView;
};

export type ListCredentialsResponse = ListCredentialsResponses[keyof ListCredentialsResponses];

export type CreateCredentialData = {
    body: NewCredentialBody;
    path?: never;
    query?: never;
    url: '/api/v1/credentials';
};

export type CreateCredentialErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreateCredentialError = CreateCredentialErrors[keyof CreateCredentialErrors];

export type CreateCredentialResponses = {
    /**
     * made
     */
    201: CredentialView;
};

export type CreateCredentialResponse = CreateCredentialResponses[keyof CreateCredentialResponses];

export type DeleteCredentialData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * Whether it goes although something names it.
         */
        force?: boolean;
    };
    url: '/api/v1/credentials/{id}';
};

export type DeleteCredentialErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteCredentialError = DeleteCredentialErrors[keyof DeleteCredentialErrors];

export type DeleteCredentialResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteCredentialResponse = DeleteCredentialResponses[keyof DeleteCredentialResponses];

export type GetCredentialData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credentials/{id}';
};

export type GetCredentialErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetCredentialError = GetCredentialErrors[keyof GetCredentialErrors];

export type GetCredentialResponses = {
    /**
     * done
     */
    200: CredentialView;
};

export type GetCredentialResponse = GetCredentialResponses[keyof GetCredentialResponses];

export type ChangeCredentialData = {
    body?: CredentialChangeBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credentials/{id}';
};

export type ChangeCredentialErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeCredentialError = ChangeCredentialErrors[keyof ChangeCredentialErrors];

export type ChangeCredentialResponses = {
    /**
     * done
     */
    200: CredentialView;
};

export type ChangeCredentialResponse = ChangeCredentialResponses[keyof ChangeCredentialResponses];

export type CredentialReferencesData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/credentials/{id}/references';
};

export type CredentialReferencesErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CredentialReferencesError = CredentialReferencesErrors[keyof CredentialReferencesErrors];

export type CredentialReferencesResponses = {
    /**
     * done
     */
    200: ListReferenceView;
};

export type CredentialReferencesResponse = CredentialReferencesResponses[keyof CredentialReferencesResponses];

export type ResetHealthData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credentials/{id}/reset-health';
};

export type ResetHealthErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ResetHealthError = ResetHealthErrors[keyof ResetHealthErrors];

export type ResetHealthResponses = {
    /**
     * done
     */
    200: CredentialView;
};

export type ResetHealthResponse = ResetHealthResponses[keyof ResetHealthResponses];

export type RollBackCredentialData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credentials/{id}/rollback';
};

export type RollBackCredentialErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RollBackCredentialError = RollBackCredentialErrors[keyof RollBackCredentialErrors];

export type RollBackCredentialResponses = {
    /**
     * done
     */
    200: CredentialView;
};

export type RollBackCredentialResponse = RollBackCredentialResponses[keyof RollBackCredentialResponses];

export type RotateCredentialData = {
    body: RotationBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credentials/{id}/rotate';
};

export type RotateCredentialErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RotateCredentialError = RotateCredentialErrors[keyof RotateCredentialErrors];

export type RotateCredentialResponses = {
    /**
     * done
     */
    200: CredentialView;
};

export type RotateCredentialResponse = RotateCredentialResponses[keyof RotateCredentialResponses];

export type CredentialUsageData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * The keys of the rows, comma-separated: credential, workflow, provider, model, environment, end_user, node, api_key, level, day, usage_source.
         */
        group_by?: string;
        /**
         * From this time on.
         */
        from?: string;
        /**
         * Before this time.
         */
        to?: string;
        /**
         * Paid by the credential of this id.
         */
        credential_id?: string;
        /**
         * Of the workflow of this id.
         */
        workflow_id?: string;
        /**
         * Paid by a credential that was called this at the time; an id is taken too.
         */
        credential?: string;
        /**
         * Of a workflow that was called this at the time; an id is taken too.
         */
        workflow?: string;
        /**
         * Of a provider, by its id.
         */
        provider?: string;
        /**
         * Of a model, by its name.
         */
        model?: string;
        /**
         * In an environment, by its name.
         */
        environment?: string;
        /**
         * For an end user, by the label of the run.
         */
        end_user?: string;
        /**
         * Of a node, by its id in the file.
         */
        node?: string;
        /**
         * Called with an API key, by its id.
         */
        api_key?: string;
        /**
         * Decided at a level, by its name.
         */
        level?: string;
        /**
         * On a UTC day, such as 2026-11-01.
         */
        day?: string;
        /**
         * With counts from here: reported, estimated, lost or none.
         */
        usage_source?: string;
    };
    url: '/api/v1/credentials/{id}/usage';
};

export type CredentialUsageErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CredentialUsageError = CredentialUsageErrors[keyof CredentialUsageErrors];

export type CredentialUsageResponses = {
    /**
     * done
     */
    200: UsageSums;
};

export type CredentialUsageResponse = CredentialUsageResponses[keyof CredentialUsageResponses];

export type ValidateCredentialData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/credentials/{id}/validate';
};

export type ValidateCredentialErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ValidateCredentialError = ValidateCredentialErrors[keyof ValidateCredentialErrors];

export type ValidateCredentialResponses = {
    /**
     * done
     */
    200: CheckedView;
};

export type ValidateCredentialResponse = ValidateCredentialResponses[keyof ValidateCredentialResponses];

export type CredentialVersionsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/credentials/{id}/versions';
};

export type CredentialVersionsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CredentialVersionsError = CredentialVersionsErrors[keyof CredentialVersionsErrors];

export type CredentialVersionsResponses = {
    /**
     * done
     */
    200: ListCredentialVersionView;
};

export type CredentialVersionsResponse = CredentialVersionsResponses[keyof CredentialVersionsResponses];

export type ListDatasetsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/datasets';
};

export type ListDatasetsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListDatasetsError = ListDatasetsErrors[keyof ListDatasetsErrors];

export type ListDatasetsResponses = {
    /**
     * done
     */
    200: ListDatasetView;
};

export type ListDatasetsResponse = ListDatasetsResponses[keyof ListDatasetsResponses];

export type CreateDatasetData = {
    body: NewDatasetBody;
    path?: never;
    query?: never;
    url: '/api/v1/datasets';
};

export type CreateDatasetErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreateDatasetError = CreateDatasetErrors[keyof CreateDatasetErrors];

export type CreateDatasetResponses = {
    /**
     * made
     */
    201: DatasetView;
};

export type CreateDatasetResponse = CreateDatasetResponses[keyof CreateDatasetResponses];

export type DeleteDatasetData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/datasets/{id}';
};

export type DeleteDatasetErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteDatasetError = DeleteDatasetErrors[keyof DeleteDatasetErrors];

export type DeleteDatasetResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteDatasetResponse = DeleteDatasetResponses[keyof DeleteDatasetResponses];

export type GetDatasetData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/datasets/{id}';
};

export type GetDatasetErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetDatasetError = GetDatasetErrors[keyof GetDatasetErrors];

export type GetDatasetResponses = {
    /**
     * done
     */
    200: DatasetView;
};

export type GetDatasetResponse = GetDatasetResponses[keyof GetDatasetResponses];

export type ChangeDatasetData = {
    body?: DatasetChangeBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/datasets/{id}';
};

export type ChangeDatasetErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeDatasetError = ChangeDatasetErrors[keyof ChangeDatasetErrors];

export type ChangeDatasetResponses = {
    /**
     * done
     */
    200: DatasetView;
};

export type ChangeDatasetResponse = ChangeDatasetResponses[keyof ChangeDatasetResponses];

export type ListDocumentsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/datasets/{id}/documents';
};

export type ListDocumentsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListDocumentsError = ListDocumentsErrors[keyof ListDocumentsErrors];

export type ListDocumentsResponses = {
    /**
     * done
     */
    200: ListDocumentView;
};

export type ListDocumentsResponse = ListDocumentsResponses[keyof ListDocumentsResponses];

export type CreateDocumentData = {
    body?: NewDocumentBody;
    path: {
        id: string;
    };
    query?: {
        /**
         * The name of a document whose body is its text.
         */
        name?: string;
    };
    url: '/api/v1/datasets/{id}/documents';
};

export type CreateDocumentErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreateDocumentError = CreateDocumentErrors[keyof CreateDocumentErrors];

export type CreateDocumentResponses = {
    /**
     * made
     */
    201: DocumentView;
};

export type CreateDocumentResponse = CreateDocumentResponses[keyof CreateDocumentResponses];

export type DeleteDocumentData = {
    body?: never;
    path: {
        id: string;
        document_id: string;
    };
    query?: never;
    url: '/api/v1/datasets/{id}/documents/{document_id}';
};

export type DeleteDocumentErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteDocumentError = DeleteDocumentErrors[keyof DeleteDocumentErrors];

export type DeleteDocumentResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteDocumentResponse = DeleteDocumentResponses[keyof DeleteDocumentResponses];

export type GetDocumentData = {
    body?: never;
    path: {
        id: string;
        document_id: string;
    };
    query?: never;
    url: '/api/v1/datasets/{id}/documents/{document_id}';
};

export type GetDocumentErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetDocumentError = GetDocumentErrors[keyof GetDocumentErrors];

export type GetDocumentResponses = {
    /**
     * done
     */
    200: DocumentView;
};

export type GetDocumentResponse = GetDocumentResponses[keyof GetDocumentResponses];

export type RetryDocumentData = {
    body?: never;
    path: {
        id: string;
        document_id: string;
    };
    query?: never;
    url: '/api/v1/datasets/{id}/documents/{document_id}/retry';
};

export type RetryDocumentErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RetryDocumentError = RetryDocumentErrors[keyof RetryDocumentErrors];

export type RetryDocumentResponses = {
    /**
     * accepted
     */
    202: DocumentView;
};

export type RetryDocumentResponse = RetryDocumentResponses[keyof RetryDocumentResponses];

export type ListSegmentsData = {
    body?: never;
    path: {
        id: string;
        document_id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/datasets/{id}/documents/{document_id}/segments';
};

export type ListSegmentsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListSegmentsError = ListSegmentsErrors[keyof ListSegmentsErrors];

export type ListSegmentsResponses = {
    /**
     * done
     */
    200: ListSegmentView;
};

export type ListSegmentsResponse = ListSegmentsResponses[keyof ListSegmentsResponses];

export type SearchDatasetData = {
    body: SearchBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/datasets/{id}/search';
};

export type SearchDatasetErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type SearchDatasetError = SearchDatasetErrors[keyof SearchDatasetErrors];

export type SearchDatasetResponses = {
    /**
     * done
     */
    200: FoundView;
};

export type SearchDatasetResponse = SearchDatasetResponses[keyof SearchDatasetResponses];

export type UploadFileData = {
    body: UploadForm;
    path?: never;
    query?: never;
    url: '/api/v1/files';
};

export type UploadFileErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type UploadFileError = UploadFileErrors[keyof UploadFileErrors];

export type UploadFileResponses = {
    /**
     * made
     */
    201: FileView;
};

export type UploadFileResponse = UploadFileResponses[keyof UploadFileResponses];

export type DeleteFileData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/files/{id}';
};

export type DeleteFileErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteFileError = DeleteFileErrors[keyof DeleteFileErrors];

export type DeleteFileResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteFileResponse = DeleteFileResponses[keyof DeleteFileResponses];

export type GetFileData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/files/{id}';
};

export type GetFileErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetFileError = GetFileErrors[keyof GetFileErrors];

export type GetFileResponses = {
    /**
     * done
     */
    200: FileView;
};

export type GetFileResponse = GetFileResponses[keyof GetFileResponses];

export type GetFileContentData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/files/{id}/content';
};

export type GetFileContentErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetFileContentError = GetFileContentErrors[keyof GetFileContentErrors];

export type GetFileContentResponses = {
    /**
     * done
     */
    200: Blob | File;
};

export type GetFileContentResponse = GetFileContentResponses[keyof GetFileContentResponses];

export type ListInvitationsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/invitations';
};

export type ListInvitationsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListInvitationsError = ListInvitationsErrors[keyof ListInvitationsErrors];

export type ListInvitationsResponses = {
    /**
     * done
     */
    200: ListInvitationView;
};

export type ListInvitationsResponse = ListInvitationsResponses[keyof ListInvitationsResponses];

export type CreateInvitationData = {
    body: NewInvitationBody;
    path?: never;
    query?: never;
    url: '/api/v1/invitations';
};

export type CreateInvitationErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreateInvitationError = CreateInvitationErrors[keyof CreateInvitationErrors];

export type CreateInvitationResponses = {
    /**
     * made
     */
    201: InvitationView;
};

export type CreateInvitationResponse = CreateInvitationResponses[keyof CreateInvitationResponses];

export type AcceptInvitationData = {
    body: AcceptBody;
    path?: never;
    query?: never;
    url: '/api/v1/invitations/accept';
};

export type AcceptInvitationErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type AcceptInvitationError = AcceptInvitationErrors[keyof AcceptInvitationErrors];

export type AcceptInvitationResponses = {
    /**
     * done
     */
    200: SessionView;
};

export type AcceptInvitationResponse = AcceptInvitationResponses[keyof AcceptInvitationResponses];

export type GetInvitationData = {
    body?: never;
    path?: never;
    query: {
        /**
         * The token of the link.
         */
        token: string;
    };
    url: '/api/v1/invitations/by-token';
};

export type GetInvitationErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetInvitationError = GetInvitationErrors[keyof GetInvitationErrors];

export type GetInvitationResponses = {
    /**
     * done
     */
    200: OpenInvitationView;
};

export type GetInvitationResponse = GetInvitationResponses[keyof GetInvitationResponses];

export type DeleteInvitationData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/invitations/{id}';
};

export type DeleteInvitationErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteInvitationError = DeleteInvitationErrors[keyof DeleteInvitationErrors];

export type DeleteInvitationResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteInvitationResponse = DeleteInvitationResponses[keyof DeleteInvitationResponses];

export type GetMasterKeyData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/master-key';
};

export type GetMasterKeyErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetMasterKeyError = GetMasterKeyErrors[keyof GetMasterKeyErrors];

export type GetMasterKeyResponses = {
    /**
     * done
     */
    200: KeyStateView;
};

export type GetMasterKeyResponse = GetMasterKeyResponses[keyof GetMasterKeyResponses];

export type ReencryptData = {
    body: OrderBody;
    path?: never;
    query?: never;
    url: '/api/v1/master-key/reencrypt';
};

export type ReencryptErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ReencryptError = ReencryptErrors[keyof ReencryptErrors];

export type ReencryptResponses = {
    /**
     * accepted
     */
    202: KeyStateView;
};

export type ReencryptResponse = ReencryptResponses[keyof ReencryptResponses];

export type RotateMasterKeyData = {
    body: OrderBody;
    path?: never;
    query?: never;
    url: '/api/v1/master-key/rotate';
};

export type RotateMasterKeyErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RotateMasterKeyError = RotateMasterKeyErrors[keyof RotateMasterKeyErrors];

export type RotateMasterKeyResponses = {
    /**
     * done
     */
    200: KeyStateView;
};

export type RotateMasterKeyResponse = RotateMasterKeyResponses[keyof RotateMasterKeyResponses];

export type ListMembersData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/members';
};

export type ListMembersErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListMembersError = ListMembersErrors[keyof ListMembersErrors];

export type ListMembersResponses = {
    /**
     * done
     */
    200: ListWorkspaceMemberView;
};

export type ListMembersResponse = ListMembersResponses[keyof ListMembersResponses];

export type RemoveMemberData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/members/{id}';
};

export type RemoveMemberErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RemoveMemberError = RemoveMemberErrors[keyof RemoveMemberErrors];

export type RemoveMemberResponses = {
    /**
     * removed
     */
    204: void;
};

export type RemoveMemberResponse = RemoveMemberResponses[keyof RemoveMemberResponses];

export type ChangeMemberData = {
    body?: MemberChangeBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/members/{id}';
};

export type ChangeMemberErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeMemberError = ChangeMemberErrors[keyof ChangeMemberErrors];

export type ChangeMemberResponses = {
    /**
     * done
     */
    200: WorkspaceMemberView;
};

export type ChangeMemberResponse = ChangeMemberResponses[keyof ChangeMemberResponses];

export type ListModelCallsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
        /**
         * Of one workflow.
         */
        workflow_id?: string;
        /**
         * Of one run.
         */
        run_id?: string;
        /**
         * Paid by one credential.
         */
        credential_id?: string;
        /**
         * Of one provider, by its id.
         */
        provider?: string;
        /**
         * Of one model, by its name.
         */
        model?: string;
        /**
         * In one environment, by its name.
         */
        environment?: string;
        /**
         * For one end user, by the label of the run.
         */
        end_user?: string;
        /**
         * That ended like this: open, succeeded, failed, cancelled, refused or lost.
         */
        outcome?: string;
        /**
         * Opened at this time or later.
         */
        from?: string;
        /**
         * Opened before this time.
         */
        to?: string;
    };
    url: '/api/v1/model-calls';
};

export type ListModelCallsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListModelCallsError = ListModelCallsErrors[keyof ListModelCallsErrors];

export type ListModelCallsResponses = {
    /**
     * done
     */
    200: ListModelCallView;
};

export type ListModelCallsResponse = ListModelCallsResponses[keyof ListModelCallsResponses];

export type ListPricesData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/prices';
};

export type ListPricesErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListPricesError = ListPricesErrors[keyof ListPricesErrors];

export type ListPricesResponses = {
    /**
     * done
     */
    200: ListStatedPriceView;
};

export type ListPricesResponse = ListPricesResponses[keyof ListPricesResponses];

export type PutPriceData = {
    body: PriceBody;
    path?: never;
    query?: never;
    url: '/api/v1/prices';
};

export type PutPriceErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PutPriceError = PutPriceErrors[keyof PutPriceErrors];

export type PutPriceResponses = {
    /**
     * done
     */
    200: StatedPriceView;
};

export type PutPriceResponse = PutPriceResponses[keyof PutPriceResponses];

export type DeletePriceData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/prices/{id}';
};

export type DeletePriceErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeletePriceError = DeletePriceErrors[keyof DeletePriceErrors];

export type DeletePriceResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeletePriceResponse = DeletePriceResponses[keyof DeletePriceResponses];

export type ListProvidersData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/providers';
};

export type ListProvidersErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListProvidersError = ListProvidersErrors[keyof ListProvidersErrors];

export type ListProvidersResponses = {
    /**
     * done
     */
    200: ListProviderView;
};

export type ListProvidersResponse = ListProvidersResponses[keyof ListProvidersResponses];

export type GetProviderData = {
    body?: never;
    path: {
        provider: string;
    };
    query?: never;
    url: '/api/v1/providers/{provider}';
};

export type GetProviderErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetProviderError = GetProviderErrors[keyof GetProviderErrors];

export type GetProviderResponses = {
    /**
     * done
     */
    200: ProviderView;
};

export type GetProviderResponse = GetProviderResponses[keyof GetProviderResponses];

export type SetDefaultData = {
    body: DefaultBody;
    path: {
        provider: string;
    };
    query?: never;
    url: '/api/v1/providers/{provider}/default';
};

export type SetDefaultErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type SetDefaultError = SetDefaultErrors[keyof SetDefaultErrors];

export type SetDefaultResponses = {
    /**
     * done
     */
    200: ProviderView;
};

export type SetDefaultResponse = SetDefaultResponses[keyof SetDefaultResponses];

export type CountRunsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Of one workflow.
         */
        workflow_id?: string;
        /**
         * Made at this time (RFC 3339) or later; seven days before `to` unless said.
         */
        from?: string;
        /**
         * Made before this time; now unless said.
         */
        to?: string;
    };
    url: '/api/v1/run-counts';
};

export type CountRunsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CountRunsError = CountRunsErrors[keyof CountRunsErrors];

export type CountRunsResponses = {
    /**
     * done
     */
    200: Array<RunCountView>;
};

export type CountRunsResponse = CountRunsResponses[keyof CountRunsResponses];

export type ListRunsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
        /**
         * Of one workflow.
         */
        workflow_id?: string;
        /**
         * In one status.
         */
        status?: string;
        /**
         * In one environment.
         */
        environment?: string;
        /**
         * For one end user.
         */
        end_user?: string;
        /**
         * In which a node was paid by this credential.
         */
        credential_id?: string;
        /**
         * Made at this time (RFC 3339) or later.
         */
        from?: string;
        /**
         * Made before this time.
         */
        to?: string;
    };
    url: '/api/v1/runs';
};

export type ListRunsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListRunsError = ListRunsErrors[keyof ListRunsErrors];

export type ListRunsResponses = {
    /**
     * done
     */
    200: ListRunView;
};

export type ListRunsResponse = ListRunsResponses[keyof ListRunsResponses];

export type GetRunData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/runs/{id}';
};

export type GetRunErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetRunError = GetRunErrors[keyof GetRunErrors];

export type GetRunResponses = {
    /**
     * done
     */
    200: RunView;
};

export type GetRunResponse = GetRunResponses[keyof GetRunResponses];

export type RunEventsData = {
    body?: never;
    headers?: {
        'Last-Event-ID'?: string | null;
    };
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/runs/{id}/events';
};

export type RunEventsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RunEventsError = RunEventsErrors[keyof RunEventsErrors];

export type RunEventsResponses = {
    /**
     * run_started, node_started, model_call, agent_log, text_chunk, reasoning_chunk, node_retry, node_restarted, iteration_started, iteration_next, iteration_succeeded, iteration_failed, loop_started, loop_next, loop_succeeded, loop_failed, form_requested, form_answered, node_finished, run_paused, run_finished, ping
     */
    200: string;
};

export type RunEventsResponse = RunEventsResponses[keyof RunEventsResponses];

export type ListFormsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/runs/{id}/forms';
};

export type ListFormsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListFormsError = ListFormsErrors[keyof ListFormsErrors];

export type ListFormsResponses = {
    /**
     * done
     */
    200: ListFormView;
};

export type ListFormsResponse = ListFormsResponses[keyof ListFormsResponses];

export type SubmitFormData = {
    body: FormBody;
    path: {
        id: string;
        form_id: string;
    };
    query?: never;
    url: '/api/v1/runs/{id}/forms/{form_id}';
};

export type SubmitFormErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type SubmitFormError = SubmitFormErrors[keyof SubmitFormErrors];

export type SubmitFormResponses = {
    /**
     * done
     */
    200: FormView;
};

export type SubmitFormResponse = SubmitFormResponses[keyof SubmitFormResponses];

export type ListModelCallsOfRunData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/runs/{id}/model-calls';
};

export type ListModelCallsOfRunErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListModelCallsOfRunError = ListModelCallsOfRunErrors[keyof ListModelCallsOfRunErrors];

export type ListModelCallsOfRunResponses = {
    /**
     * done
     */
    200: ListModelCallView;
};

export type ListModelCallsOfRunResponse = ListModelCallsOfRunResponses[keyof ListModelCallsOfRunResponses];

export type ListNodeExecutionsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/runs/{id}/node-executions';
};

export type ListNodeExecutionsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListNodeExecutionsError = ListNodeExecutionsErrors[keyof ListNodeExecutionsErrors];

export type ListNodeExecutionsResponses = {
    /**
     * done
     */
    200: Array<NodeExecutionView>;
};

export type ListNodeExecutionsResponse = ListNodeExecutionsResponses[keyof ListNodeExecutionsResponses];

export type RetryRunData = {
    body: RetryBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/runs/{id}/retry';
};

export type RetryRunErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RetryRunError = RetryRunErrors[keyof RetryRunErrors];

export type RetryRunResponses = {
    /**
     * the new run, which goes on
     */
    201: RunView;
};

export type RetryRunResponse = RetryRunResponses[keyof RetryRunResponses];

export type StopRunData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/runs/{id}/stop';
};

export type StopRunErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type StopRunError = StopRunErrors[keyof StopRunErrors];

export type StopRunResponses = {
    /**
     * accepted
     */
    202: StopView;
};

export type StopRunResponse = StopRunResponses[keyof StopRunResponses];

export type EndSessionData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/session';
};

export type EndSessionErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type EndSessionError = EndSessionErrors[keyof EndSessionErrors];

export type EndSessionResponses = {
    /**
     * removed
     */
    204: void;
};

export type EndSessionResponse = EndSessionResponses[keyof EndSessionResponses];

export type GetSessionData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/session';
};

export type GetSessionErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetSessionError = GetSessionErrors[keyof GetSessionErrors];

export type GetSessionResponses = {
    /**
     * done
     */
    200: SessionView;
};

export type GetSessionResponse = GetSessionResponses[keyof GetSessionResponses];

export type ChangeSessionData = {
    body?: SessionChangeBody;
    path?: never;
    query?: never;
    url: '/api/v1/session';
};

export type ChangeSessionErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeSessionError = ChangeSessionErrors[keyof ChangeSessionErrors];

export type ChangeSessionResponses = {
    /**
     * done
     */
    200: SessionView;
};

export type ChangeSessionResponse = ChangeSessionResponses[keyof ChangeSessionResponses];

export type LogInData = {
    body: LogInBody;
    path?: never;
    query?: never;
    url: '/api/v1/session';
};

export type LogInErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type LogInError = LogInErrors[keyof LogInErrors];

export type LogInResponses = {
    /**
     * done
     */
    200: SessionView;
};

export type LogInResponse = LogInResponses[keyof LogInResponses];

export type GetSetUpData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/setup';
};

export type GetSetUpErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetSetUpError = GetSetUpErrors[keyof GetSetUpErrors];

export type GetSetUpResponses = {
    /**
     * done
     */
    200: NeedView;
};

export type GetSetUpResponse = GetSetUpResponses[keyof GetSetUpResponses];

export type SetUpData = {
    body: SetUpBody;
    path?: never;
    query?: never;
    url: '/api/v1/setup';
};

export type SetUpErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type SetUpError = SetUpErrors[keyof SetUpErrors];

export type SetUpResponses = {
    /**
     * done
     */
    200: SessionView;
};

export type SetUpResponse = SetUpResponses[keyof SetUpResponses];

export type GetStatusData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/status';
};

export type GetStatusErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetStatusError = GetStatusErrors[keyof GetStatusErrors];

export type GetStatusResponses = {
    /**
     * done
     */
    200: StatusView;
};

export type GetStatusResponse = GetStatusResponses[keyof GetStatusResponses];

export type GetToolBindingsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Those of one workflow; else those of the whole workspace.
         */
        workflow_id?: string;
    };
    url: '/api/v1/tool-bindings';
};

export type GetToolBindingsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetToolBindingsError = GetToolBindingsErrors[keyof GetToolBindingsErrors];

export type GetToolBindingsResponses = {
    /**
     * the bindings; their ETag guards a replacement
     */
    200: ToolBindingsBody;
};

export type GetToolBindingsResponse = GetToolBindingsResponses[keyof GetToolBindingsResponses];

export type PutToolBindingsData = {
    body: ToolBindingsBody;
    headers?: {
        'If-Match'?: string | null;
    };
    path?: never;
    query?: {
        /**
         * Those of one workflow; else those of the whole workspace.
         */
        workflow_id?: string;
    };
    url: '/api/v1/tool-bindings';
};

export type PutToolBindingsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PutToolBindingsError = PutToolBindingsErrors[keyof PutToolBindingsErrors];

export type PutToolBindingsResponses = {
    /**
     * done
     */
    200: ToolBindingsBody;
};

export type PutToolBindingsResponse = PutToolBindingsResponses[keyof PutToolBindingsResponses];

export type ListToolProvidersData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/tool-providers';
};

export type ListToolProvidersErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListToolProvidersError = ListToolProvidersErrors[keyof ListToolProvidersErrors];

export type ListToolProvidersResponses = {
    /**
     * done
     */
    200: ListToolProviderView;
};

export type ListToolProvidersResponse = ListToolProvidersResponses[keyof ListToolProvidersResponses];

export type CreateToolProviderData = {
    body: NewToolProviderBody;
    path?: never;
    query?: never;
    url: '/api/v1/tool-providers';
};

export type CreateToolProviderErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreateToolProviderError = CreateToolProviderErrors[keyof CreateToolProviderErrors];

export type CreateToolProviderResponses = {
    /**
     * made
     */
    201: ToolProviderView;
};

export type CreateToolProviderResponse = CreateToolProviderResponses[keyof CreateToolProviderResponses];

export type DeleteToolProviderData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/tool-providers/{id}';
};

export type DeleteToolProviderErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteToolProviderError = DeleteToolProviderErrors[keyof DeleteToolProviderErrors];

export type DeleteToolProviderResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteToolProviderResponse = DeleteToolProviderResponses[keyof DeleteToolProviderResponses];

export type GetToolProviderData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/tool-providers/{id}';
};

export type GetToolProviderErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetToolProviderError = GetToolProviderErrors[keyof GetToolProviderErrors];

export type GetToolProviderResponses = {
    /**
     * the provider; its ETag guards a change
     */
    200: ToolProviderView;
};

export type GetToolProviderResponse = GetToolProviderResponses[keyof GetToolProviderResponses];

export type ChangeToolProviderData = {
    body?: ToolProviderChangeBody;
    headers?: {
        'If-Match'?: string | null;
    };
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/tool-providers/{id}';
};

export type ChangeToolProviderErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeToolProviderError = ChangeToolProviderErrors[keyof ChangeToolProviderErrors];

export type ChangeToolProviderResponses = {
    /**
     * done
     */
    200: ToolProviderView;
};

export type ChangeToolProviderResponse = ChangeToolProviderResponses[keyof ChangeToolProviderResponses];

export type RefreshToolProviderData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/tool-providers/{id}/refresh';
};

export type RefreshToolProviderErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RefreshToolProviderError = RefreshToolProviderErrors[keyof RefreshToolProviderErrors];

export type RefreshToolProviderResponses = {
    /**
     * done
     */
    200: ToolProviderView;
};

export type RefreshToolProviderResponse = RefreshToolProviderResponses[keyof RefreshToolProviderResponses];

export type ListToolsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/tool-providers/{id}/tools';
};

export type ListToolsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListToolsError = ListToolsErrors[keyof ListToolsErrors];

export type ListToolsResponses = {
    /**
     * done
     */
    200: ListProviderToolView;
};

export type ListToolsResponse = ListToolsResponses[keyof ListToolsResponses];

export type UsageData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The keys of the rows, comma-separated: credential, workflow, provider, model, environment, end_user, node, api_key, level, day, usage_source.
         */
        group_by?: string;
        /**
         * From this time on.
         */
        from?: string;
        /**
         * Before this time.
         */
        to?: string;
        /**
         * Paid by the credential of this id.
         */
        credential_id?: string;
        /**
         * Of the workflow of this id.
         */
        workflow_id?: string;
        /**
         * Paid by a credential that was called this at the time; an id is taken too.
         */
        credential?: string;
        /**
         * Of a workflow that was called this at the time; an id is taken too.
         */
        workflow?: string;
        /**
         * Of a provider, by its id.
         */
        provider?: string;
        /**
         * Of a model, by its name.
         */
        model?: string;
        /**
         * In an environment, by its name.
         */
        environment?: string;
        /**
         * For an end user, by the label of the run.
         */
        end_user?: string;
        /**
         * Of a node, by its id in the file.
         */
        node?: string;
        /**
         * Called with an API key, by its id.
         */
        api_key?: string;
        /**
         * Decided at a level, by its name.
         */
        level?: string;
        /**
         * On a UTC day, such as 2026-11-01.
         */
        day?: string;
        /**
         * With counts from here: reported, estimated, lost or none.
         */
        usage_source?: string;
    };
    url: '/api/v1/usage';
};

export type UsageErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type UsageError = UsageErrors[keyof UsageErrors];

export type UsageResponses = {
    /**
     * done
     */
    200: UsageSums;
};

export type UsageResponse = UsageResponses[keyof UsageResponses];

export type ListWorkflowsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/workflows';
};

export type ListWorkflowsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListWorkflowsError = ListWorkflowsErrors[keyof ListWorkflowsErrors];

export type ListWorkflowsResponses = {
    /**
     * done
     */
    200: ListWorkflowView;
};

export type ListWorkflowsResponse = ListWorkflowsResponses[keyof ListWorkflowsResponses];

export type CreateWorkflowData = {
    body: NewWorkflowBody;
    path?: never;
    query?: never;
    url: '/api/v1/workflows';
};

export type CreateWorkflowErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type CreateWorkflowError = CreateWorkflowErrors[keyof CreateWorkflowErrors];

export type CreateWorkflowResponses = {
    /**
     * made
     */
    201: WorkflowView;
};

export type CreateWorkflowResponse = CreateWorkflowResponses[keyof CreateWorkflowResponses];

export type ImportWorkflowData = {
    body?: ImportBody;
    path?: never;
    query?: {
        /**
         * The name; the file's unless said.
         */
        name?: string;
        /**
         * The workflow whose draft it replaces; a new one unless said.
         */
        workflow_id?: string;
        /**
         * Whether it is published at once.
         */
        publish?: boolean;
        /**
         * Whether only the report is wanted.
         */
        dry_run?: boolean;
        /**
         * Whether a file of a newer version is taken without asking.
         */
        confirm_newer?: boolean;
        /**
         * Whether the credential settings that the file proposes are applied.
         */
        bind?: boolean;
    };
    url: '/api/v1/workflows/import';
};

export type ImportWorkflowErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ImportWorkflowError = ImportWorkflowErrors[keyof ImportWorkflowErrors];

export type ImportWorkflowResponses = {
    /**
     * a dry run, or a new draft
     */
    200: ImportedView;
    /**
     * a new workflow
     */
    201: ImportedView;
    /**
     * the file is newer and must be confirmed
     */
    202: ImportedView;
};

export type ImportWorkflowResponse = ImportWorkflowResponses[keyof ImportWorkflowResponses];

export type DeleteWorkflowData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}';
};

export type DeleteWorkflowErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type DeleteWorkflowError = DeleteWorkflowErrors[keyof DeleteWorkflowErrors];

export type DeleteWorkflowResponses = {
    /**
     * removed
     */
    204: void;
};

export type DeleteWorkflowResponse = DeleteWorkflowResponses[keyof DeleteWorkflowResponses];

export type GetWorkflowData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}';
};

export type GetWorkflowErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetWorkflowError = GetWorkflowErrors[keyof GetWorkflowErrors];

export type GetWorkflowResponses = {
    /**
     * done
     */
    200: WorkflowView;
};

export type GetWorkflowResponse = GetWorkflowResponses[keyof GetWorkflowResponses];

export type ChangeWorkflowData = {
    body?: WorkflowChangeBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}';
};

export type ChangeWorkflowErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeWorkflowError = ChangeWorkflowErrors[keyof ChangeWorkflowErrors];

export type ChangeWorkflowResponses = {
    /**
     * done
     */
    200: WorkflowView;
};

export type ChangeWorkflowResponse = ChangeWorkflowResponses[keyof ChangeWorkflowResponses];

export type GetAppData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/app';
};

export type GetAppErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetAppError = GetAppErrors[keyof GetAppErrors];

export type GetAppResponses = {
    /**
     * done
     */
    200: AppView;
};

export type GetAppResponse = GetAppResponses[keyof GetAppResponses];

export type ChangeAppData = {
    body?: AppBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/app';
};

export type ChangeAppErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeAppError = ChangeAppErrors[keyof ChangeAppErrors];

export type ChangeAppResponses = {
    /**
     * done
     */
    200: AppView;
};

export type ChangeAppResponse = ChangeAppResponses[keyof ChangeAppResponses];

export type GetSettingsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/credential-settings';
};

export type GetSettingsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetSettingsError = GetSettingsErrors[keyof GetSettingsErrors];

export type GetSettingsResponses = {
    /**
     * the settings; their ETag guards a replacement
     */
    200: SettingsBody;
};

export type GetSettingsResponse = GetSettingsResponses[keyof GetSettingsResponses];

export type PutSettingsData = {
    body?: SettingsBody;
    headers?: {
        'If-Match'?: string | null;
    };
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/credential-settings';
};

export type PutSettingsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PutSettingsError = PutSettingsErrors[keyof PutSettingsErrors];

export type PutSettingsResponses = {
    /**
     * done
     */
    200: SettingsBody;
};

export type PutSettingsResponse = PutSettingsResponses[keyof PutSettingsResponses];

export type ResolveData = {
    body?: ResolveBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/credentials/resolve';
};

export type ResolveErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ResolveError = ResolveErrors[keyof ResolveErrors];

export type ResolveResponses = {
    /**
     * done
     */
    200: ResolveView;
};

export type ResolveResponse = ResolveResponses[keyof ResolveResponses];

export type GetDraftData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/draft';
};

export type GetDraftErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetDraftError = GetDraftErrors[keyof GetDraftErrors];

export type GetDraftResponses = {
    /**
     * the document; its ETag is needed to replace it
     */
    200: {
        [key: string]: unknown;
    };
};

export type GetDraftResponse = GetDraftResponses[keyof GetDraftResponses];

export type PutDraftData = {
    body: {
        [key: string]: unknown;
    };
    headers?: {
        'If-Match'?: string | null;
    };
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/draft';
};

export type PutDraftErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PutDraftError = PutDraftErrors[keyof PutDraftErrors];

export type PutDraftResponses = {
    /**
     * done
     */
    200: {
        [key: string]: unknown;
    };
};

export type PutDraftResponse = PutDraftResponses[keyof PutDraftResponses];

export type ExportWorkflowData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * `draft` (default), `published` or a version's number.
         */
        version?: string;
    };
    url: '/api/v1/workflows/{id}/export';
};

export type ExportWorkflowErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ExportWorkflowError = ExportWorkflowErrors[keyof ExportWorkflowErrors];

export type ExportWorkflowResponses = {
    /**
     * done
     */
    200: string;
};

export type ExportWorkflowResponse = ExportWorkflowResponses[keyof ExportWorkflowResponses];

export type GetWorkflowLimitsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * The label of an end user whose budgets are told as they stand.
         */
        end_user?: string;
    };
    url: '/api/v1/workflows/{id}/limits';
};

export type GetWorkflowLimitsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type GetWorkflowLimitsError = GetWorkflowLimitsErrors[keyof GetWorkflowLimitsErrors];

export type GetWorkflowLimitsResponses = {
    /**
     * the limits; their ETag guards a replacement
     */
    200: WorkflowLimitsView;
};

export type GetWorkflowLimitsResponse = GetWorkflowLimitsResponses[keyof GetWorkflowLimitsResponses];

export type PutWorkflowLimitsData = {
    body?: WorkflowLimitsBody;
    headers?: {
        'If-Match'?: string | null;
    };
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/limits';
};

export type PutWorkflowLimitsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PutWorkflowLimitsError = PutWorkflowLimitsErrors[keyof PutWorkflowLimitsErrors];

export type PutWorkflowLimitsResponses = {
    /**
     * done
     */
    200: WorkflowLimitsView;
};

export type PutWorkflowLimitsResponse = PutWorkflowLimitsResponses[keyof PutWorkflowLimitsResponses];

export type RunNodeData = {
    body?: NodeRunBody;
    path: {
        id: string;
        node_id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/nodes/{node_id}/run';
};

export type RunNodeErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RunNodeError = RunNodeErrors[keyof RunNodeErrors];

export type RunNodeResponses = {
    /**
     * blocking: the run; streaming: its events
     */
    200: RunView;
    /**
     * detached: the run goes on
     */
    202: RunView;
};

export type RunNodeResponse = RunNodeResponses[keyof RunNodeResponses];

export type PublishData = {
    body?: PublishBody;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/publish';
};

export type PublishErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PublishError = PublishErrors[keyof PublishErrors];

export type PublishResponses = {
    /**
     * made
     */
    201: PublishedView;
};

export type PublishResponse = PublishResponses[keyof PublishResponses];

export type StartRunData = {
    body?: StartBody;
    headers?: {
        'Idempotency-Key'?: string | null;
    };
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/runs';
};

export type StartRunErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type StartRunError = StartRunErrors[keyof StartRunErrors];

export type StartRunResponses = {
    /**
     * blocking: the run; streaming: its events
     */
    200: RunView;
    /**
     * detached: the run goes on
     */
    202: RunView;
};

export type StartRunResponse = StartRunResponses[keyof StartRunResponses];

export type ListTriggersData = {
    body?: never;
    path: {
        id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/triggers';
};

export type ListTriggersErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListTriggersError = ListTriggersErrors[keyof ListTriggersErrors];

export type ListTriggersResponses = {
    /**
     * done
     */
    200: TriggersView;
};

export type ListTriggersResponse = ListTriggersResponses[keyof ListTriggersResponses];

export type ChangeTriggerData = {
    body?: TriggerChangeBody;
    path: {
        id: string;
        trigger_id: string;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/triggers/{trigger_id}';
};

export type ChangeTriggerErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeTriggerError = ChangeTriggerErrors[keyof ChangeTriggerErrors];

export type ChangeTriggerResponses = {
    /**
     * done
     */
    200: TriggerView;
};

export type ChangeTriggerResponse = ChangeTriggerResponses[keyof ChangeTriggerResponses];

export type ListVersionsData = {
    body?: never;
    path: {
        id: string;
    };
    query?: {
        /**
         * How many rows: 1 to 200, else 50.
         */
        limit?: number;
        /**
         * `next_cursor` of the page before.
         */
        cursor?: string;
    };
    url: '/api/v1/workflows/{id}/versions';
};

export type ListVersionsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ListVersionsError = ListVersionsErrors[keyof ListVersionsErrors];

export type ListVersionsResponses = {
    /**
     * done
     */
    200: ListVersionView;
};

export type ListVersionsResponse = ListVersionsResponses[keyof ListVersionsResponses];

export type RestoreVersionData = {
    body?: never;
    path: {
        id: string;
        number: number;
    };
    query?: never;
    url: '/api/v1/workflows/{id}/versions/{number}/restore';
};

export type RestoreVersionErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type RestoreVersionError = RestoreVersionErrors[keyof RestoreVersionErrors];

export type RestoreVersionResponses = {
    /**
     * done
     */
    200: WorkflowView;
};

export type RestoreVersionResponse = RestoreVersionResponses[keyof RestoreVersionResponses];

export type ChangeWorkspaceData = {
    body: WorkspaceChangeBody;
    path?: never;
    query?: never;
    url: '/api/v1/workspace';
};

export type ChangeWorkspaceErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ChangeWorkspaceError = ChangeWorkspaceErrors[keyof ChangeWorkspaceErrors];

export type ChangeWorkspaceResponses = {
    /**
     * done
     */
    200: SessionWorkspace;
};

export type ChangeWorkspaceResponse = ChangeWorkspaceResponses[keyof ChangeWorkspaceResponses];

export type PreviewFileData = {
    body?: never;
    path: {
        id: string;
    };
    query: {
        /**
         * When it ends, in seconds since 1970.
         */
        expires: number;
        /**
         * The proof that this server gave it.
         */
        signature: string;
    };
    url: '/files/{id}/preview';
};

export type PreviewFileErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type PreviewFileError = PreviewFileErrors[keyof PreviewFileErrors];

export type PreviewFileResponses = {
    /**
     * done
     */
    200: string;
};

export type PreviewFileResponse = PreviewFileResponses[keyof PreviewFileResponses];

export type HealthData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/healthz';
};

export type HealthResponses = {
    /**
     * done
     */
    200: string;
};

export type HealthResponse = HealthResponses[keyof HealthResponses];

export type MetricsData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/metrics';
};

export type MetricsErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type MetricsError = MetricsErrors[keyof MetricsErrors];

export type MetricsResponses = {
    /**
     * done
     */
    200: string;
};

export type MetricsResponse = MetricsResponses[keyof MetricsResponses];

export type ReadyData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/readyz';
};

export type ReadyErrors = {
    /**
     * not now
     */
    503: Problem;
};

export type ReadyError = ReadyErrors[keyof ReadyErrors];

export type ReadyResponses = {
    /**
     * done
     */
    200: string;
};

export type ReadyResponse = ReadyResponses[keyof ReadyResponses];

export type ReceiveWebhookData = {
    body?: never;
    path: {
        address: string;
    };
    query?: never;
    url: '/webhooks/{address}';
};

export type ReceiveWebhookErrors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ReceiveWebhookError = ReceiveWebhookErrors[keyof ReceiveWebhookErrors];

export type ReceiveWebhookResponses = {
    /**
     * the run is accepted; status and body are what the node says
     */
    '2XX': unknown;
};

export type ReceiveWebhook2Data = {
    body?: never;
    path: {
        address: string;
    };
    query?: never;
    url: '/webhooks/{address}';
};

export type ReceiveWebhook2Errors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ReceiveWebhook2Error = ReceiveWebhook2Errors[keyof ReceiveWebhook2Errors];

export type ReceiveWebhook2Responses = {
    /**
     * the run is accepted; status and body are what the node says
     */
    '2XX': unknown;
};

export type ReceiveWebhook3Data = {
    body?: never;
    path: {
        address: string;
    };
    query?: never;
    url: '/webhooks/{address}';
};

export type ReceiveWebhook3Errors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ReceiveWebhook3Error = ReceiveWebhook3Errors[keyof ReceiveWebhook3Errors];

export type ReceiveWebhook3Responses = {
    /**
     * the run is accepted; status and body are what the node says
     */
    '2XX': unknown;
};

export type ReceiveWebhook4Data = {
    body?: never;
    path: {
        address: string;
    };
    query?: never;
    url: '/webhooks/{address}';
};

export type ReceiveWebhook4Errors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ReceiveWebhook4Error = ReceiveWebhook4Errors[keyof ReceiveWebhook4Errors];

export type ReceiveWebhook4Responses = {
    /**
     * the run is accepted; status and body are what the node says
     */
    '2XX': unknown;
};

export type ReceiveWebhook5Data = {
    body?: never;
    path: {
        address: string;
    };
    query?: never;
    url: '/webhooks/{address}';
};

export type ReceiveWebhook5Errors = {
    /**
     * refused; the code says why
     */
    '4XX': Problem;
};

export type ReceiveWebhook5Error = ReceiveWebhook5Errors[keyof ReceiveWebhook5Errors];

export type ReceiveWebhook5Responses = {
    /**
     * the run is accepted; status and body are what the node says
     */
    '2XX': unknown;
};
