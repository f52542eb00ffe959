from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.list_provider_view_data_item_credential_schema_item import (
        ListProviderViewDataItemCredentialSchemaItem,
    )
    from ..models.list_provider_view_data_item_models_item import (
        ListProviderViewDataItemModelsItem,
    )
    from ..models.model_default_view import ModelDefaultView


T = TypeVar("T", bound="ListProviderViewDataItem")


@_attrs_define
class ListProviderViewDataItem:
    """A provider.

    Attributes:
        aliases (list[str]): Other names that are taken for this id.
        credential_schema (list[ListProviderViewDataItemCredentialSchemaItem]): What a credential of it consists of.
        id (str): Its id.
        label (str): Its name.
        model_defaults (list[ModelDefaultView]): The active credentials of models.
        models (list[ListProviderViewDataItemModelsItem]): The models that are known; others can be called too. `price`
            is the one in force, `prices` are all of the catalogue's,
            each with the time since which it holds; of a workspace's own see `/prices`.
        secrets (str): required, optional or never.
        base_url (None | str | Unset): Where it is unless the credential says otherwise.
        default_credential_id (None | str | Unset): The active credential.
        price_source (None | str | Unset): The provider's page that the prices are from.
        prices_as_of (None | str | Unset): The day on which the prices were last compared with it.
    """

    aliases: list[str]
    credential_schema: list[ListProviderViewDataItemCredentialSchemaItem]
    id: str
    label: str
    model_defaults: list[ModelDefaultView]
    models: list[ListProviderViewDataItemModelsItem]
    secrets: str
    base_url: None | str | Unset = UNSET
    default_credential_id: None | str | Unset = UNSET
    price_source: None | str | Unset = UNSET
    prices_as_of: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.list_provider_view_data_item_credential_schema_item import (
            ListProviderViewDataItemCredentialSchemaItem,
        )  # noqa: PLC0415
        from ..models.list_provider_view_data_item_models_item import (
            ListProviderViewDataItemModelsItem,
        )  # noqa: PLC0415
        from ..models.model_default_view import ModelDefaultView  # noqa: PLC0415

        aliases = self.aliases

        credential_schema = []
        for credential_schema_item_data in self.credential_schema:
            credential_schema_item = credential_schema_item_data.to_dict()
            credential_schema.append(credential_schema_item)

        id = self.id

        label = self.label

        model_defaults = []
        for model_defaults_item_data in self.model_defaults:
            model_defaults_item = model_defaults_item_data.to_dict()
            model_defaults.append(model_defaults_item)

        models = []
        for models_item_data in self.models:
            models_item = models_item_data.to_dict()
            models.append(models_item)

        secrets = self.secrets

        base_url: None | str | Unset
        if isinstance(self.base_url, Unset):
            base_url = UNSET
        else:
            base_url = self.base_url

        default_credential_id: None | str | Unset
        if isinstance(self.default_credential_id, Unset):
            default_credential_id = UNSET
        else:
            default_credential_id = self.default_credential_id

        price_source: None | str | Unset
        if isinstance(self.price_source, Unset):
            price_source = UNSET
        else:
            price_source = self.price_source

        prices_as_of: None | str | Unset
        if isinstance(self.prices_as_of, Unset):
            prices_as_of = UNSET
        else:
            prices_as_of = self.prices_as_of

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "aliases": aliases,
                "credential_schema": credential_schema,
                "id": id,
                "label": label,
                "model_defaults": model_defaults,
                "models": models,
                "secrets": secrets,
            }
        )
        if base_url is not UNSET:
            field_dict["base_url"] = base_url
        if default_credential_id is not UNSET:
            field_dict["default_credential_id"] = default_credential_id
        if price_source is not UNSET:
            field_dict["price_source"] = price_source
        if prices_as_of is not UNSET:
            field_dict["prices_as_of"] = prices_as_of

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.list_provider_view_data_item_credential_schema_item import (
            ListProviderViewDataItemCredentialSchemaItem,
        )  # noqa: PLC0415
        from ..models.list_provider_view_data_item_models_item import (
            ListProviderViewDataItemModelsItem,
        )  # noqa: PLC0415
        from ..models.model_default_view import ModelDefaultView  # noqa: PLC0415

        d = dict(src_dict)
        aliases = cast(list[str], d.pop("aliases"))

        credential_schema = []
        _credential_schema = d.pop("credential_schema")
        for credential_schema_item_data in _credential_schema:
            credential_schema_item = (
                ListProviderViewDataItemCredentialSchemaItem.from_dict(
                    credential_schema_item_data
                )
            )

            credential_schema.append(credential_schema_item)

        id = d.pop("id")

        label = d.pop("label")

        model_defaults = []
        _model_defaults = d.pop("model_defaults")
        for model_defaults_item_data in _model_defaults:
            model_defaults_item = ModelDefaultView.from_dict(model_defaults_item_data)

            model_defaults.append(model_defaults_item)

        models = []
        _models = d.pop("models")
        for models_item_data in _models:
            models_item = ListProviderViewDataItemModelsItem.from_dict(models_item_data)

            models.append(models_item)

        secrets = d.pop("secrets")

        def _parse_base_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        base_url = _parse_base_url(d.pop("base_url", UNSET))

        def _parse_default_credential_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        default_credential_id = _parse_default_credential_id(
            d.pop("default_credential_id", UNSET)
        )

        def _parse_price_source(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        price_source = _parse_price_source(d.pop("price_source", UNSET))

        def _parse_prices_as_of(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        prices_as_of = _parse_prices_as_of(d.pop("prices_as_of", UNSET))

        list_provider_view_data_item = cls(
            aliases=aliases,
            credential_schema=credential_schema,
            id=id,
            label=label,
            model_defaults=model_defaults,
            models=models,
            secrets=secrets,
            base_url=base_url,
            default_credential_id=default_credential_id,
            price_source=price_source,
            prices_as_of=prices_as_of,
        )

        list_provider_view_data_item.additional_properties = d
        return list_provider_view_data_item

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
