/** Where model files live, shared by every process of this user. Pure: the caller passes its environment. */
export function modelsFolder(env: Record<string, string | undefined>, home: string): string {
  if (env.STARAI_MODELS) return env.STARAI_MODELS;
  const cache = env.XDG_CACHE_HOME ?? (env.LOCALAPPDATA ? `${env.LOCALAPPDATA}/cache` : `${home}/.cache`);
  return `${cache}/starai/models`;
}
