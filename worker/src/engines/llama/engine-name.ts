/** This engine's name. It includes the version, because output differs between releases. */
export const ENGINE_NAME = "llama.cpp/node-llama-cpp 3.21.1";
