/** What this engine is called; its version is part of it, because output differs between releases. */
export const ENGINE_NAME = "llama.cpp/node-llama-cpp 3.21.1";
