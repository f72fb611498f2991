/** What the command `help` prints. */
import { ownCommand } from "./own-command.ts";

export const help = (): string => `StarAI worker: lends this machine to the pool. It dials out; no port is opened.

  ${ownCommand("<command> [options]")}

  start         join the pool and work until Ctrl-C
  inspect       what this machine has, how fast it is, which models fit, and what they would earn
                an hour after electricity
  pull [id…]    fetch models (by default the default model)
  pull-engine llama.cpp
                fetch llama.cpp's own server (68 MB, Linux x64 with glibc 2.35), or agree to the one
                in STARAI_LLAMA_CPP. From then on start tries it once and takes the better engine, and
                several machines that have it can serve a model that fits none of them;
                start --engine llama-server fetches it, too
  gpu           fetch the engine's CUDA binaries for an NVIDIA card (540 MB; not tried on a card yet)
  service install|remove|status
                start with the computer: a systemd unit of this user; on macOS a launchd agent and on
                Windows a task, both not tried yet

Your pay:
  pair          show a code that makes this machine yours in the app
  unpair        make it nobody's again; it keeps its key and what it earned
  notes         what the pool owes this machine, by notes that the pool signed
  audit         whether what the pool published agrees with its notes and the chain; a running worker
                looks hourly, and challenges a root that lowers your leaf (see TON_MNEMONIC)
  claim         have your wallet paid what its leaf holds: a link for the wallet, or signed here
                with TON_MNEMONIC. --owner <address> --file <leaf file> --link --dry-run
                --endpoint <url> --network-id <id> --wallet w5|v4, as npm run ton -- help says

  --engine built-in|llama-server
                with start and inspect: what runs model files, as with STARAI_ENGINE

  --model <ids>, --memory <amount>
                with start and inspect: as with STARAI_MODEL and STARAI_MEMORY
  --split own|pool|off, --owner-code <code>
                with start: as with STARAI_SPLIT and STARAI_OWNER_CODE
  --another     with start: one more worker on this machine, with the first folder <home>-2, <home>-3 … that none uses
  --home <dir>  with any of these: the worker's folder, as with STARAI_WORKER_HOME
  --pool <url>  with any of these: the pool, as https://pool.example or ws://127.0.0.1:8080/pool

Settings, from the environment:
  STARAI_POOL_URL       the pool, as with --pool; default ws://127.0.0.1:8080/pool
  STARAI_MODEL          a catalogue id, several with commas, or /path/file.gguf; default qwen2.5-coder-1.5b,
                        with less than 4 GB of free memory qwen2.5-coder-0.5b. Only these are served
  STARAI_MODELS         folder of model files, shared by all processes of this user
  STARAI_WORKER_HOME    folder of this worker's key, credit notes and measurements; default <STARAI_HOME>/worker or
                        the user's data folder
  STARAI_WORKER_NAME    what the pool shows beside answers; default a made-up name, so that
                        nobody learns the name of this computer
  STARAI_ASK            your price in percent of the pool's list prices: 50 to 300 in steps of 5; default 100.
                        Answers that were promised cheaper go to other workers
  STARAI_THREADS        engine threads; by default chosen by measuring
  STARAI_ENGINE         built-in or llama-server, llama.cpp's own server: more answers at once on one machine. By default
                        whichever was the better one when tried here; built-in where the server was not fetched
  STARAI_LLAMA_CPP      folder with your own build of llama-server. It is run as it was when you agreed to it
  STARAI_SPLIT          whose groups this machine holds layers for, when its own model does not fit here: own (default,
                        your other machines'), pool (whomever the pool trusts) or off. Whoever a machine holds layers for
                        talks to llama.cpp's layer server on it, which its authors call unsafe: it runs on loopback with
                        as little as the system lets it, and ends with the group
  STARAI_OWNER_CODE     a code you made for your machines: one that joins with it is yours at once
  STARAI_ENGINE_URL     an OpenAI-compatible engine to serve instead, such as http://127.0.0.1:8000/v1
  STARAI_ENGINE_MODEL   <catalogue id>=<the engine's own name for it>
  STARAI_ENGINE_KEY     the engine's API key, if it wants one
  STARAI_LOG_LEVEL      debug, info, warn, error or silent; default info

Looking at the chain:
  TON_ENDPOINT          a toncenter API, and TON_API_KEY its key; default toncenter's of the network that the pool is on
  TON_MNEMONIC          24 words of a W5 wallet that pays for challenges: of its own, with a coin in it. Without them links
                        are said for another wallet. A service keeps the endpoint and its key, and not the words

Limits you set; outside them the machine leaves the pool, running answers move on, and it comes back by itself:
  STARAI_HOURS             hours of the day it may work, by its own clock: 22-07, 8:30-17
  STARAI_MAX_TEMPERATURE   degrees Celsius of its hottest part, where Linux or nvidia-smi tell
  STARAI_PAUSE_WHEN_USED   on: it rests while other programs take more than a quarter of the cores, or somebody
                           typed at a terminal, and for three to six minutes after. Linux only: on macOS and Windows
                           neither can be read, and windows and the mouse are seen nowhere. With STARAI_ENGINE_URL it
                           looks at terminals only
  STARAI_MEMORY_SHARE      percent of this machine's memory, and of its cards', that models may take
  STARAI_MEMORY            what models may take in all, such as 700MB or 2GB

What inspect takes for your electricity:
  STARAI_WATTS             watts that this machine takes more while it computes; assumed by its kind otherwise
  STARAI_KWH_PRICE         dollars for a kilowatt hour; assumed 0.15 otherwise

On a terminal it shows a live view, without colours where NO_COLOR is set; elsewhere, or with STARAI_LOG_LEVEL set, it writes
JSON lines.
`;
