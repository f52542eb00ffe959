"""Contains all the data models used in inputs/outputs"""

from .accept_body import AcceptBody
from .amount_body import AmountBody
from .app_body import AppBody
from .app_view import AppView
from .audit_view import AuditView
from .audit_view_detail import AuditViewDetail
from .binding_body import BindingBody
from .budget_body import BudgetBody
from .budget_event_view import BudgetEventView
from .budget_event_view_event import BudgetEventViewEvent
from .budget_view import BudgetView
from .budget_webhook_body import BudgetWebhookBody
from .budget_webhook_view import BudgetWebhookView
from .changed import Changed
from .checked_view import CheckedView
from .choice_body import ChoiceBody
from .chunking_body import ChunkingBody
from .condition_body import ConditionBody
from .considered_view import ConsideredView
from .credential_change_body import CredentialChangeBody
from .credential_change_body_values_type_0 import CredentialChangeBodyValuesType0
from .credential_failure_view import CredentialFailureView
from .credential_version_view import CredentialVersionView
from .credential_version_view_settings import CredentialVersionViewSettings
from .credential_version_view_values import CredentialVersionViewValues
from .credential_view import CredentialView
from .credential_view_settings import CredentialViewSettings
from .credential_view_values import CredentialViewValues
from .dataset_change_body import DatasetChangeBody
from .dataset_model import DatasetModel
from .dataset_view import DatasetView
from .default_body import DefaultBody
from .document_error_view import DocumentErrorView
from .document_view import DocumentView
from .document_view_metadata import DocumentViewMetadata
from .end_user_limits_view import EndUserLimitsView
from .external_body import ExternalBody
from .failure_view import FailureView
from .file_rules_view import FileRulesView
from .file_view import FileView
from .filter_body import FilterBody
from .finding_view import FindingView
from .fingerprint_view import FingerprintView
from .form_action_view import FormActionView
from .form_answer_view import FormAnswerView
from .form_answer_view_values import FormAnswerViewValues
from .form_body import FormBody
from .form_body_values import FormBodyValues
from .form_input_view import FormInputView
from .form_view import FormView
from .found_view import FoundView
from .get_draft_response_200 import GetDraftResponse200
from .health_view import HealthView
from .hit_view import HitView
from .hit_view_metadata import HitViewMetadata
from .import_body import ImportBody
from .import_body_credential_mapping import ImportBodyCredentialMapping
from .imported_credential_view import ImportedCredentialView
from .imported_view import ImportedView
from .invitation_view import InvitationView
from .item import Item
from .key_state_view import KeyStateView
from .key_view import KeyView
from .limits_body import LimitsBody
from .limits_in_use_view import LimitsInUseView
from .list_audit_view import ListAuditView
from .list_audit_view_data_item import ListAuditViewDataItem
from .list_audit_view_data_item_detail import ListAuditViewDataItemDetail
from .list_budget_event_view import ListBudgetEventView
from .list_budget_event_view_data_item import ListBudgetEventViewDataItem
from .list_budget_event_view_data_item_event import ListBudgetEventViewDataItemEvent
from .list_credential_version_view import ListCredentialVersionView
from .list_credential_version_view_data_item import ListCredentialVersionViewDataItem
from .list_credential_version_view_data_item_settings import (
    ListCredentialVersionViewDataItemSettings,
)
from .list_credential_version_view_data_item_values import (
    ListCredentialVersionViewDataItemValues,
)
from .list_credential_view import ListCredentialView
from .list_credential_view_data_item import ListCredentialViewDataItem
from .list_credential_view_data_item_settings import ListCredentialViewDataItemSettings
from .list_credential_view_data_item_values import ListCredentialViewDataItemValues
from .list_dataset_view import ListDatasetView
from .list_dataset_view_data_item import ListDatasetViewDataItem
from .list_document_view import ListDocumentView
from .list_document_view_data_item import ListDocumentViewDataItem
from .list_document_view_data_item_metadata import ListDocumentViewDataItemMetadata
from .list_form_view import ListFormView
from .list_form_view_data_item import ListFormViewDataItem
from .list_invitation_view import ListInvitationView
from .list_invitation_view_data_item import ListInvitationViewDataItem
from .list_key_view import ListKeyView
from .list_key_view_data_item import ListKeyViewDataItem
from .list_model_call_view import ListModelCallView
from .list_model_call_view_data_item import ListModelCallViewDataItem
from .list_model_call_view_data_item_raw_usage_type_0 import (
    ListModelCallViewDataItemRawUsageType0,
)
from .list_pool_view import ListPoolView
from .list_pool_view_data_item import ListPoolViewDataItem
from .list_provider_tool_view import ListProviderToolView
from .list_provider_tool_view_data_item import ListProviderToolViewDataItem
from .list_provider_view import ListProviderView
from .list_provider_view_data_item import ListProviderViewDataItem
from .list_provider_view_data_item_credential_schema_item import (
    ListProviderViewDataItemCredentialSchemaItem,
)
from .list_provider_view_data_item_models_item import ListProviderViewDataItemModelsItem
from .list_reference_view import ListReferenceView
from .list_reference_view_data_item import ListReferenceViewDataItem
from .list_run_view import ListRunView
from .list_run_view_data_item import ListRunViewDataItem
from .list_run_view_data_item_inputs import ListRunViewDataItemInputs
from .list_run_view_data_item_outputs_type_0 import ListRunViewDataItemOutputsType0
from .list_segment_view import ListSegmentView
from .list_segment_view_data_item import ListSegmentViewDataItem
from .list_stated_price_view import ListStatedPriceView
from .list_stated_price_view_data_item import ListStatedPriceViewDataItem
from .list_tool_provider_view import ListToolProviderView
from .list_tool_provider_view_data_item import ListToolProviderViewDataItem
from .list_version_view import ListVersionView
from .list_version_view_data_item import ListVersionViewDataItem
from .list_version_view_data_item_author import ListVersionViewDataItemAuthor
from .list_workflow_view import ListWorkflowView
from .list_workflow_view_data_item import ListWorkflowViewDataItem
from .list_workspace_member_view import ListWorkspaceMemberView
from .list_workspace_member_view_data_item import ListWorkspaceMemberViewDataItem
from .log_in_body import LogInBody
from .member_body import MemberBody
from .member_change_body import MemberChangeBody
from .member_view import MemberView
from .model_call_view import ModelCallView
from .model_call_view_raw_usage_type_0 import ModelCallViewRawUsageType0
from .model_default_view import ModelDefaultView
from .model_view import ModelView
from .money_view import MoneyView
from .need_view import NeedView
from .new_credential_body import NewCredentialBody
from .new_credential_body_values import NewCredentialBodyValues
from .new_dataset_body import NewDatasetBody
from .new_document_body import NewDocumentBody
from .new_document_body_metadata import NewDocumentBodyMetadata
from .new_invitation_body import NewInvitationBody
from .new_key_body import NewKeyBody
from .new_pool_body import NewPoolBody
from .new_tool_provider_body import NewToolProviderBody
from .new_workflow_body import NewWorkflowBody
from .node_execution_view import NodeExecutionView
from .node_execution_view_inputs_type_0 import NodeExecutionViewInputsType0
from .node_execution_view_outputs_type_0 import NodeExecutionViewOutputsType0
from .node_execution_view_process_data_type_0 import NodeExecutionViewProcessDataType0
from .node_run_body import NodeRunBody
from .node_run_body_credential_overrides import NodeRunBodyCredentialOverrides
from .node_run_body_inputs import NodeRunBodyInputs
from .open_invitation_view import OpenInvitationView
from .order_body import OrderBody
from .overlap_body import OverlapBody
from .override_body import OverrideBody
from .override_body_values_type_0 import OverrideBodyValuesType0
from .pair_body import PairBody
from .payer_view import PayerView
from .pool_change_body import PoolChangeBody
from .pool_member_view import PoolMemberView
from .pool_view import PoolView
from .preflight import Preflight
from .price_body import PriceBody
from .price_tier_body import PriceTierBody
from .price_tier_view import PriceTierView
from .price_view import PriceView
from .problem import Problem
from .provider_tool_view import ProviderToolView
from .provider_view import ProviderView
from .provider_view_credential_schema_item import ProviderViewCredentialSchemaItem
from .provider_view_models_item import ProviderViewModelsItem
from .publish_body import PublishBody
from .published_view import PublishedView
from .put_draft_body import PutDraftBody
from .put_draft_response_200 import PutDraftResponse200
from .reference_view import ReferenceView
from .report_view import ReportView
from .rerank_body import RerankBody
from .resolution_view import ResolutionView
from .resolve_body import ResolveBody
from .resolve_body_credential_overrides import ResolveBodyCredentialOverrides
from .resolve_body_inputs import ResolveBodyInputs
from .resolve_row import ResolveRow
from .resolve_view import ResolveView
from .response_mode import ResponseMode
from .retried_version import RetriedVersion
from .retrieval_body import RetrievalBody
from .retry_body import RetryBody
from .retry_body_credential_overrides import RetryBodyCredentialOverrides
from .rotation_body import RotationBody
from .rotation_body_values import RotationBodyValues
from .rules_body import RulesBody
from .run_count_view import RunCountView
from .run_error_view import RunErrorView
from .run_view import RunView
from .run_view_inputs import RunViewInputs
from .run_view_outputs_type_0 import RunViewOutputsType0
from .schedule_view import ScheduleView
from .scope_body import ScopeBody
from .scope_body_principals_type_0_item import ScopeBodyPrincipalsType0Item
from .search_body import SearchBody
from .segment_view import SegmentView
from .session_change_body import SessionChangeBody
from .session_member import SessionMember
from .session_view import SessionView
from .session_workspace import SessionWorkspace
from .set_up_body import SetUpBody
from .settings_body import SettingsBody
from .skipped_view import SkippedView
from .start_body import StartBody
from .start_body_credential_overrides import StartBodyCredentialOverrides
from .start_body_files_item import StartBodyFilesItem
from .start_body_inputs import StartBodyInputs
from .stated_price_view import StatedPriceView
from .status_view import StatusView
from .step_view import StepView
from .stop_view import StopView
from .tool_auth_body import ToolAuthBody
from .tool_auth_kind_body import ToolAuthKindBody
from .tool_binding_body import ToolBindingBody
from .tool_binding_body_parameters import ToolBindingBodyParameters
from .tool_bindings_body import ToolBindingsBody
from .tool_key_place_body import ToolKeyPlaceBody
from .tool_kind_body import ToolKindBody
from .tool_parameter_view import ToolParameterView
from .tool_parameter_view_schema_type_0 import ToolParameterViewSchemaType0
from .tool_provider_change_body import ToolProviderChangeBody
from .tool_provider_view import ToolProviderView
from .tool_target_body import ToolTargetBody
from .tool_view import ToolView
from .trigger_change_body import TriggerChangeBody
from .trigger_view import TriggerView
from .triggers_view import TriggersView
from .upload_form import UploadForm
from .usage_sums import UsageSums
from .usage_sums_rows_item import UsageSumsRowsItem
from .usage_sums_total import UsageSumsTotal
from .usage_view import UsageView
from .value_reference_body import ValueReferenceBody
from .version_view import VersionView
from .version_view_author import VersionViewAuthor
from .webhook_view import WebhookView
from .workflow_change_body import WorkflowChangeBody
from .workflow_limits_body import WorkflowLimitsBody
from .workflow_limits_view import WorkflowLimitsView
from .workflow_view import WorkflowView
from .workspace_change_body import WorkspaceChangeBody
from .workspace_member_view import WorkspaceMemberView

__all__ = (
    "AcceptBody",
    "AmountBody",
    "AppBody",
    "AppView",
    "AuditView",
    "AuditViewDetail",
    "BindingBody",
    "BudgetBody",
    "BudgetEventView",
    "BudgetEventViewEvent",
    "BudgetView",
    "BudgetWebhookBody",
    "BudgetWebhookView",
    "Changed",
    "CheckedView",
    "ChoiceBody",
    "ChunkingBody",
    "ConditionBody",
    "ConsideredView",
    "CredentialChangeBody",
    "CredentialChangeBodyValuesType0",
    "CredentialFailureView",
    "CredentialVersionView",
    "CredentialVersionViewSettings",
    "CredentialVersionViewValues",
    "CredentialView",
    "CredentialViewSettings",
    "CredentialViewValues",
    "DatasetChangeBody",
    "DatasetModel",
    "DatasetView",
    "DefaultBody",
    "DocumentErrorView",
    "DocumentView",
    "DocumentViewMetadata",
    "EndUserLimitsView",
    "ExternalBody",
    "FailureView",
    "FileRulesView",
    "FileView",
    "FilterBody",
    "FindingView",
    "FingerprintView",
    "FormActionView",
    "FormAnswerView",
    "FormAnswerViewValues",
    "FormBody",
    "FormBodyValues",
    "FormInputView",
    "FormView",
    "FoundView",
    "GetDraftResponse200",
    "HealthView",
    "HitView",
    "HitViewMetadata",
    "ImportBody",
    "ImportBodyCredentialMapping",
    "ImportedCredentialView",
    "ImportedView",
    "InvitationView",
    "Item",
    "KeyStateView",
    "KeyView",
    "LimitsBody",
    "LimitsInUseView",
    "ListAuditView",
    "ListAuditViewDataItem",
    "ListAuditViewDataItemDetail",
    "ListBudgetEventView",
    "ListBudgetEventViewDataItem",
    "ListBudgetEventViewDataItemEvent",
    "ListCredentialVersionView",
    "ListCredentialVersionViewDataItem",
    "ListCredentialVersionViewDataItemSettings",
    "ListCredentialVersionViewDataItemValues",
    "ListCredentialView",
    "ListCredentialViewDataItem",
    "ListCredentialViewDataItemSettings",
    "ListCredentialViewDataItemValues",
    "ListDatasetView",
    "ListDatasetViewDataItem",
    "ListDocumentView",
    "ListDocumentViewDataItem",
    "ListDocumentViewDataItemMetadata",
    "ListFormView",
    "ListFormViewDataItem",
    "ListInvitationView",
    "ListInvitationViewDataItem",
    "ListKeyView",
    "ListKeyViewDataItem",
    "ListModelCallView",
    "ListModelCallViewDataItem",
    "ListModelCallViewDataItemRawUsageType0",
    "ListPoolView",
    "ListPoolViewDataItem",
    "ListProviderToolView",
    "ListProviderToolViewDataItem",
    "ListProviderView",
    "ListProviderViewDataItem",
    "ListProviderViewDataItemCredentialSchemaItem",
    "ListProviderViewDataItemModelsItem",
    "ListReferenceView",
    "ListReferenceViewDataItem",
    "ListRunView",
    "ListRunViewDataItem",
    "ListRunViewDataItemInputs",
    "ListRunViewDataItemOutputsType0",
    "ListSegmentView",
    "ListSegmentViewDataItem",
    "ListStatedPriceView",
    "ListStatedPriceViewDataItem",
    "ListToolProviderView",
    "ListToolProviderViewDataItem",
    "ListVersionView",
    "ListVersionViewDataItem",
    "ListVersionViewDataItemAuthor",
    "ListWorkflowView",
    "ListWorkflowViewDataItem",
    "ListWorkspaceMemberView",
    "ListWorkspaceMemberViewDataItem",
    "LogInBody",
    "MemberBody",
    "MemberChangeBody",
    "MemberView",
    "ModelCallView",
    "ModelCallViewRawUsageType0",
    "ModelDefaultView",
    "ModelView",
    "MoneyView",
    "NeedView",
    "NewCredentialBody",
    "NewCredentialBodyValues",
    "NewDatasetBody",
    "NewDocumentBody",
    "NewDocumentBodyMetadata",
    "NewInvitationBody",
    "NewKeyBody",
    "NewPoolBody",
    "NewToolProviderBody",
    "NewWorkflowBody",
    "NodeExecutionView",
    "NodeExecutionViewInputsType0",
    "NodeExecutionViewOutputsType0",
    "NodeExecutionViewProcessDataType0",
    "NodeRunBody",
    "NodeRunBodyCredentialOverrides",
    "NodeRunBodyInputs",
    "OpenInvitationView",
    "OrderBody",
    "OverlapBody",
    "OverrideBody",
    "OverrideBodyValuesType0",
    "PairBody",
    "PayerView",
    "PoolChangeBody",
    "PoolMemberView",
    "PoolView",
    "Preflight",
    "PriceBody",
    "PriceTierBody",
    "PriceTierView",
    "PriceView",
    "Problem",
    "ProviderToolView",
    "ProviderView",
    "ProviderViewCredentialSchemaItem",
    "ProviderViewModelsItem",
    "PublishBody",
    "PublishedView",
    "PutDraftBody",
    "PutDraftResponse200",
    "ReferenceView",
    "ReportView",
    "RerankBody",
    "ResolutionView",
    "ResolveBody",
    "ResolveBodyCredentialOverrides",
    "ResolveBodyInputs",
    "ResolveRow",
    "ResolveView",
    "ResponseMode",
    "RetriedVersion",
    "RetrievalBody",
    "RetryBody",
    "RetryBodyCredentialOverrides",
    "RotationBody",
    "RotationBodyValues",
    "RulesBody",
    "RunCountView",
    "RunErrorView",
    "RunView",
    "RunViewInputs",
    "RunViewOutputsType0",
    "ScheduleView",
    "ScopeBody",
    "ScopeBodyPrincipalsType0Item",
    "SearchBody",
    "SegmentView",
    "SessionChangeBody",
    "SessionMember",
    "SessionView",
    "SessionWorkspace",
    "SettingsBody",
    "SetUpBody",
    "SkippedView",
    "StartBody",
    "StartBodyCredentialOverrides",
    "StartBodyFilesItem",
    "StartBodyInputs",
    "StatedPriceView",
    "StatusView",
    "StepView",
    "StopView",
    "ToolAuthBody",
    "ToolAuthKindBody",
    "ToolBindingBody",
    "ToolBindingBodyParameters",
    "ToolBindingsBody",
    "ToolKeyPlaceBody",
    "ToolKindBody",
    "ToolParameterView",
    "ToolParameterViewSchemaType0",
    "ToolProviderChangeBody",
    "ToolProviderView",
    "ToolTargetBody",
    "ToolView",
    "TriggerChangeBody",
    "TriggersView",
    "TriggerView",
    "UploadForm",
    "UsageSums",
    "UsageSumsRowsItem",
    "UsageSumsTotal",
    "UsageView",
    "ValueReferenceBody",
    "VersionView",
    "VersionViewAuthor",
    "WebhookView",
    "WorkflowChangeBody",
    "WorkflowLimitsBody",
    "WorkflowLimitsView",
    "WorkflowView",
    "WorkspaceChangeBody",
    "WorkspaceMemberView",
)
