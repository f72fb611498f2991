/** The person's profile and choices on the server, and changing them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Persona } from "@starai/protocol/personas";
import { useFailed } from "../components/use-failed.ts";
import { answer } from "../lib/api.ts";
import type { Api } from "../lib/api.ts";
import { useApi, useSessionState } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";

export function useProfile() {
  const api = useApi();
  const inside = useSessionState().kind === "inside";
  return useQuery({ queryKey: keys.profile, queryFn: ({ signal }) => readProfile(api, signal), enabled: inside });
}

export type Profile = Awaited<ReturnType<typeof readProfile>>;

/** `null` follows the service's default. */
export function useChooseModel() {
  const api = useApi();
  return useProfileChange((model: string | null) => answer(() => api.my.model.$put({ json: { model } })));
}

/** `null` follows Telegram. */
export function useChooseLanguage() {
  const api = useApi();
  return useProfileChange((language: "en" | "ru" | null) => answer(() => api.my.language.$put({ json: { language } })));
}

/** What every answer should know about the person, and the persona of new chats. */
export function useTellAboutMe() {
  const api = useApi();
  return useProfileChange((about: { text: string; persona: Persona | null }) =>
    answer(() => api.my.about.$put({ json: about })),
  );
}

/** The server's answer is the new profile, so no further request is made. */
function useProfileChange<Choice>(change: (choice: Choice) => Promise<Profile>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (profile) => {
      client.setQueryData(keys.profile, profile);
      // Each chat shows the name of the model that answers in it.
      void client.invalidateQueries({ queryKey: keys.anyThread });
    },
    onError: useFailed(),
  });
}

function readProfile(api: Api, signal: AbortSignal) {
  return answer(() => api.my.profile.$get({}, { init: { signal } }));
}
