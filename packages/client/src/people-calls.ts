// Calls about people: set-up, keys, boroughs and teams.
import type {
  ApiKey,
  ApiKeyId,
  ApiKeyRequest,
  Borough,
  BoroughRequest,
  Me,
  NewApiKey,
  Person,
  PersonId,
  PersonRequest,
  SetupRequest,
  SetupResponse,
  Team,
  TeamRequest,
} from "@sworn/contract";
import type { Api } from "./api.ts";

export function peopleCalls(api: Api) {
  return {
    setUp: (request: SetupRequest) => api.call<SetupResponse>("POST", "/v1/setup", { json: request }),
    me: () => api.call<Me>("GET", "/v1/me"),
    listPeople: (after?: PersonId) =>
      api.call<{ people: Person[]; next: PersonId | null }>("GET", "/v1/people", { query: { after } }),
    addPerson: (request: PersonRequest) => api.call<Person>("POST", "/v1/people", { json: request }),
    listBoroughs: () => api.call<{ boroughs: Borough[]; teams: Team[] }>("GET", "/v1/boroughs"),
    addBorough: (request: BoroughRequest) => api.call<Borough>("POST", "/v1/boroughs", { json: request }),
    addTeam: (request: TeamRequest) => api.call<Team>("POST", "/v1/teams", { json: request }),
    listApiKeys: () => api.call<{ apiKeys: ApiKey[] }>("GET", "/v1/api-keys"),
    issueApiKey: (request: ApiKeyRequest) => api.call<NewApiKey>("POST", "/v1/api-keys", { json: request }),
    revokeApiKey: async (id: ApiKeyId): Promise<void> => {
      await api.answer("DELETE", `/v1/api-keys/${id}`);
    },
  };
}
