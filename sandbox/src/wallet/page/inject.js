/**
 * The injected wallet: what TON Connect looks for under `window.devwallet`. The page's requests go to the wallet on this machine; the
 * person answers on the wallet's page, which is shown over this one. A classic script, since it must run before the page's own.
 */
(() => {
  /** @type {{ deviceInfo: object, walletInfo: object }} */
  const about = /** @type {any} */ ("{ABOUT}");
  /** Where TON Connect reads which wallets there are. The sandbox asks no other machine, and has one wallet. */
  const LIST = "https://config.ton.org/wallets-v2.json";
  const SESSION = "starai.wallet.session";
  const UNKNOWN_APP = 100;
  /** Where the wallet's page tells the pages of this browser which connection it ended. */
  const ENDED = "starai.wallet.ended";
  const notConnected = { code: UNKNOWN_APP, message: "not connected" };

  function session() {
    try {
      return localStorage.getItem(SESSION);
    } catch {
      return null;
    }
  }

  function setSession(id) {
    try {
      if (id === null) localStorage.removeItem(SESSION);
      else localStorage.setItem(SESSION, id);
    } catch {
      // Without storage the connection ends with the page.
    }
  }

  async function post(what, body) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`/wallet/api/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
    const json = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(json.error ?? `The wallet answered ${answer.status}.`);
    return json;
  }

  /**
   * Resolves when the person has answered; never where the wallet is played to lose its answer.
   * Rejects when the question is gone, after a restart of the wallet, or was closed without an answer.
   */
  function approved(approval) {
    return new Promise((resolve, reject) => {
      const { dialog, frame } = overlay(approval);
      const close = () => {
        window.removeEventListener("message", hear);
        dialog.close();
        dialog.remove();
      };
      const hear = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
        close();
        const { answer, fault } = event.data;
        if (fault) reject(new Error(fault));
        else if (answer) resolve(event.data);
      };
      // The wallet's page hears Escape itself, except where it could not be loaded.
      dialog.addEventListener("cancel", () => {
        close();
        reject(new Error("the wallet was closed without an answer"));
      });
      window.addEventListener("message", hear);
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  function overlay(approval) {
    const frame = document.createElement("iframe");
    frame.src = `/wallet/?approval=${encodeURIComponent(approval)}`;
    frame.title = "Dev wallet";
    Object.assign(frame.style, { border: "0", height: "100%", width: "100%", display: "block" });
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Dev wallet");
    Object.assign(dialog.style, {
      border: "0",
      borderRadius: "12px",
      height: "min(100%, 760px)",
      margin: "auto",
      maxHeight: "none",
      maxWidth: "none",
      overflow: "hidden",
      padding: "0",
      width: "min(100%, 480px)",
    });
    dialog.append(frame);
    return { dialog, frame };
  }

  async function connect(_version, request) {
    const asked = await post("connect", { request });
    const { answer, session: id } = asked.approval ? await approved(asked.approval) : asked;
    if (id) setSession(id);
    return answer;
  }

  async function restoreConnection() {
    const id = session();
    if (id) return post("restore", { session: id });
    return { event: "connect_error", id: Date.now(), payload: notConnected };
  }

  async function send(request) {
    const id = session();
    if (!id) return { error: notConnected, id: request.id };
    const asked = await post("ask", { session: id, request });
    return asked.approval ? (await approved(asked.approval)).answer : asked.answer;
  }

  function disconnect() {
    const id = session();
    setSession(null);
    if (id) void post("disconnect", { session: id }).catch(() => null);
  }

  function listen(callback) {
    const hear = (event) => {
      if (event.key !== ENDED || event.newValue === null || event.newValue !== session()) return;
      setSession(null);
      callback({ event: "disconnect", id: Date.now(), payload: {} });
    };
    window.addEventListener("storage", hear);
    return () => window.removeEventListener("storage", hear);
  }

  const bridge = { protocolVersion: 2, isWalletBrowser: false, connect, restoreConnection, send, listen, disconnect };
  Object.assign(window, { devwallet: { tonconnect: { ...about, ...bridge } } });

  const ask = window.fetch;
  window.fetch = (input, init) => ask(input === LIST ? "/wallet/wallets.json" : input, init);
})();
