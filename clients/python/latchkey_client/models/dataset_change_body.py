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


T = TypeVar("T", bound="DatasetChangeBody")


@_attrs_define
class DatasetChangeBody:
    """What is changed of a dataset; absent fields stay.

    Attributes:
        aliases (list[str] | None | Unset): What other installations call it: all of them.
        chunking (ChunkingBody | None | Unset):
        credential_id (None | str | Unset): The credential that pays for its calls, by id; null: whoever pays for such
            calls anyway.
        credential_name (None | str | Unset): The same by name. If one of the two is given, both are what is given.
        description (None | str | Unset): What is in it.
        embedding_model (DatasetModel | None | Unset):
        external (ExternalBody | None | Unset):
        name (None | str | Unset): Its name.
        retrieval (None | RetrievalBody | Unset):
    """

    aliases: list[str] | None | Unset = UNSET
    chunking: ChunkingBody | None | Unset = UNSET
    credential_id: None | str | Unset = UNSET
    credential_name: None | str | Unset = UNSET
    description: None | str | Unset = UNSET
    embedding_model: DatasetModel | None | Unset = UNSET
    external: ExternalBody | None | Unset = UNSET
    name: None | str | Unset = UNSET
    retrieval: None | RetrievalBody | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.dataset_model import DatasetModel  # noqa: PLC0415
        from ..models.external_body import ExternalBody  # noqa: PLC0415
        from ..models.retrieval_body import RetrievalBody  # noqa: PLC0415

        aliases: list[str] | None | Unset
        if isinstance(self.aliases, Unset):
            aliases = UNSET
        elif isinstance(self.aliases, list):
            aliases = self.aliases

        else:
            aliases = self.aliases

        chunking: dict[str, Any] | None | Unset
        if isinstance(self.chunking, Unset):
            chunking = UNSET
        elif isinstance(self.chunking, ChunkingBody):
            chunking = self.chunking.to_dict()
        else:
            chunking = self.chunking

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

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

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

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        retrieval: dict[str, Any] | None | Unset
        if isinstance(self.retrieval, Unset):
            retrieval = UNSET
        elif isinstance(self.retrieval, RetrievalBody):
            retrieval = self.retrieval.to_dict()
        else:
            retrieval = self.retrieval

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if aliases is not UNSET:
            field_dict["aliases"] = aliases
        if chunking is not UNSET:
            field_dict["chunking"] = chunking
        if credential_id is not UNSET:
            field_dict["credential_id"] = credential_id
        if credential_name is not UNSET:
            field_dict["credential_name"] = credential_name
        if description is not UNSET:
            field_dict["description"] = description
        if embedding_model is not UNSET:
            field_dict["embedding_model"] = embedding_model
        if external is not UNSET:
            field_dict["external"] = external
        if name is not UNSET:
            field_dict["name"] = name
        if retrieval is not UNSET:
            field_dict["retrieval"] = retrieval

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.dataset_model import DatasetModel  # noqa: PLC0415
        from ..models.external_body import ExternalBody  # noqa: PLC0415
        from ..models.retrieval_body import RetrievalBody  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_aliases(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                aliases_type_0 = cast(list[str], data)

                return aliases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        aliases = _parse_aliases(d.pop("aliases", UNSET))

        def _parse_chunking(data: object) -> ChunkingBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                chunking_type_0 = ChunkingBody.from_dict(data)

                return chunking_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChunkingBody | None | Unset, data)

        chunking = _parse_chunking(d.pop("chunking", UNSET))

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

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

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

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_retrieval(data: object) -> None | RetrievalBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                retrieval_type_0 = RetrievalBody.from_dict(data)

                return retrieval_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RetrievalBody | Unset, data)

        retrieval = _parse_retrieval(d.pop("retrieval", UNSET))

        dataset_change_body = cls(
            aliases=aliases,
            chunking=chunking,
            credential_id=credential_id,
            credential_name=credential_name,
            description=description,
            embedding_model=embedding_model,
            external=external,
            name=name,
            retrieval=retrieval,
        )

        return dataset_change_body
