from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.chunking_body import ChunkingBody
    from ..models.dataset_model import DatasetModel
    from ..models.external_body import ExternalBody
    from ..models.retrieval_body import RetrievalBody


T = TypeVar("T", bound="DatasetView")


@_attrs_define
class DatasetView:
    """A dataset.

    Attributes:
        aliases (list[str]): What other installations call it.
        chunking (ChunkingBody): How a text is cut: `max_tokens` or `max_characters`.
        created_at (str): When it was made.
        description (str): What is in it.
        documents (int): How many documents it has.
        id (str): Its id.
        name (str): Its name.
        retrieval (RetrievalBody): How a dataset is searched when nobody says otherwise.
        technique (str): `high_quality` or `economy`.
        updated_at (str): When it was last changed.
        credential_id (None | str | Unset): The credential that pays for its calls, by id.
        credential_name (None | str | Unset): The credential that pays for its calls, by name.
        embedding_model (DatasetModel | None | Unset):
        external (ExternalBody | None | Unset):
    """

    aliases: list[str]
    chunking: ChunkingBody
    created_at: str
    description: str
    documents: int
    id: str
    name: str
    retrieval: RetrievalBody
    technique: str
    updated_at: str
    credential_id: None | str | Unset = UNSET
    credential_name: None | str | Unset = UNSET
    embedding_model: DatasetModel | None | Unset = UNSET
    external: ExternalBody | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.dataset_model import DatasetModel  # noqa: PLC0415
        from ..models.external_body import ExternalBody  # noqa: PLC0415
        from ..models.retrieval_body import RetrievalBody  # noqa: PLC0415

        aliases = self.aliases

        chunking = self.chunking.to_dict()

        created_at = self.created_at

        description = self.description

        documents = self.documents

        id = self.id

        name = self.name

        retrieval = self.retrieval.to_dict()

        technique = self.technique

        updated_at = self.updated_at

        credential_id: None | str | Unset
        if isinstance(self.credential_id, Unset):
            credential_id = UNSET
        else:
            credential_id = self.credential_id

        credential_name: None | str | Unset
        if isinstance(self.credential_name, Unset):
            credential_name = UNSET
        else:
            credential_name = self.credential_name

        embedding_model: dict[str, Any] | None | Unset
        if isinstance(self.embedding_model, Unset):
            embedding_model = UNSET
        elif isinstance(self.embedding_model, DatasetModel):
            embedding_model = self.embedding_model.to_dict()
        else:
            embedding_model = self.embedding_model

        external: dict[str, Any] | None | Unset
        if isinstance(self.external, Unset):
            external = UNSET
        elif isinstance(self.external, ExternalBody):
            external = self.external.to_dict()
        else:
            external = self.external

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "aliases": aliases,
                "chunking": chunking,
                "created_at": created_at,
                "description": description,
                "documents": documents,
                "id": id,
                "name": name,
                "retrieval": retrieval,
                "technique": technique,
                "updated_at": updated_at,
            }
        )
        if credential_id is not UNSET:
            field_dict["credential_id"] = credential_id
        if credential_name is not UNSET:
            field_dict["credential_name"] = credential_name
        if embedding_model is not UNSET:
            field_dict["embedding_model"] = embedding_model
        if external is not UNSET:
            field_dict["external"] = external

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.dataset_model import DatasetModel  # noqa: PLC0415
        from ..models.external_body import ExternalBody  # noqa: PLC0415
        from ..models.retrieval_body import RetrievalBody  # noqa: PLC0415

        d = dict(src_dict)
        aliases = cast(list[str], d.pop("aliases"))

        chunking = ChunkingBody.from_dict(d.pop("chunking"))

        created_at = d.pop("created_at")

        description = d.pop("description")

        documents = d.pop("documents")

        id = d.pop("id")

        name = d.pop("name")

        retrieval = RetrievalBody.from_dict(d.pop("retrieval"))

        technique = d.pop("technique")

        updated_at = d.pop("updated_at")

        def _parse_credential_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_id = _parse_credential_id(d.pop("credential_id", UNSET))

        def _parse_credential_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_name = _parse_credential_name(d.pop("credential_name", UNSET))

        def _parse_embedding_model(data: object) -> DatasetModel | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                embedding_model_type_0 = DatasetModel.from_dict(data)

                return embedding_model_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DatasetModel | None | Unset, data)

        embedding_model = _parse_embedding_model(d.pop("embedding_model", UNSET))

        def _parse_external(data: object) -> ExternalBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                external_type_0 = ExternalBody.from_dict(data)

                return external_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ExternalBody | None | Unset, data)

        external = _parse_external(d.pop("external", UNSET))

        dataset_view = cls(
            aliases=aliases,
            chunking=chunking,
            created_at=created_at,
            description=description,
            documents=documents,
            id=id,
            name=name,
            retrieval=retrieval,
            technique=technique,
            updated_at=updated_at,
            credential_id=credential_id,
            credential_name=credential_name,
            embedding_model=embedding_model,
            external=external,
        )

        dataset_view.additional_properties = d
        return dataset_view

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
