/**
 * Bridge between a Mini App and its client: the postMessage protocol of Telegram's web clients, as @tma.js/bridge
 * speaks it. It draws nothing; the sheet around it carries out the app's requests.
 * @see https://docs.telegram-mini-apps.com/platform/methods
 */
import { themeParams } from "./preferences.js";

const REFUSED = "UNSUPPORTED";
const failedRequest = (event) => (data) => [event, { req_id: data.req_id, error: REFUSED }];

/** Replies for features this client lacks; each is sent at once, so that no app waits for one. */
const ABSENT = {
  web_app_open_scan_qr_popup: () => ["scan_qr_popup_closed"],
  web_app_request_phone: () => ["phone_requested", { status: "cancelled" }],
  web_app_request_write_access: () => ["write_access_requested", { status: "allowed" }],
  web_app_request_location: () => ["location_requested", { available: false }],
  web_app_check_location: () => ["location_checked", { available: false }],
  web_app_biometry_get_info: () => ["biometry_info_received", { available: false }],
  web_app_check_home_screen: () => ["home_screen_checked", { status: "unsupported" }],
  web_app_add_to_home_screen: () => ["home_screen_failed"],
  web_app_request_emoji_status_access: () => ["emoji_status_access_requested", { status: "cancelled" }],
  web_app_set_emoji_status: () => ["emoji_status_failed", { error: REFUSED }],
  web_app_send_prepared_message: () => ["prepared_message_failed", { error: REFUSED }],
  web_app_start_accelerometer: () => ["accelerometer_failed", { error: REFUSED }],
  web_app_start_gyroscope: () => ["gyroscope_failed", { error: REFUSED }],
  web_app_start_device_orientation: () => ["device_orientation_failed", { error: REFUSED }],
  web_app_invoke_custom_method: failedRequest("custom_method_invoked"),
  web_app_device_storage_save_key: failedRequest("device_storage_failed"),
  web_app_device_storage_get_key: failedRequest("device_storage_failed"),
  web_app_device_storage_clear: failedRequest("device_storage_failed"),
  web_app_secure_storage_save_key: failedRequest("secure_storage_failed"),
  web_app_secure_storage_get_key: failedRequest("secure_storage_failed"),
  web_app_secure_storage_restore_key: failedRequest("secure_storage_failed"),
  web_app_secure_storage_clear: failedRequest("secure_storage_failed"),
};
/** Missing features that are also reported to the person, since the app may have promised them. */
const MISSED = new Set(["web_app_open_scan_qr_popup", "web_app_share_to_story"]);

export class AppBridge {
  #frame;
  #origin;
  #client;
  #listen = (event) => this.#onMessage(event);

  /**
   * @param frame   the app's iframe; only messages from its window and origin are accepted
   * @param client  the sheet's actions, one method for each request below
   */
  constructor(frame, client) {
    this.#frame = frame;
    this.#origin = new URL(frame.src).origin;
    this.#client = client;
    addEventListener("message", this.#listen);
  }

  end() {
    removeEventListener("message", this.#listen);
  }

  emit(eventType, eventData) {
    this.#frame.contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), this.#origin);
  }

  emitTheme() {
    this.emit("theme_changed", { theme_params: themeParams() });
  }

  emitViewport(expanded) {
    const { clientHeight: height, clientWidth: width } = this.#frame;
    this.emit("viewport_changed", { height, width, is_expanded: expanded, is_state_stable: true });
  }

  /** `top` is the height of the client's own buttons over a full-screen app, px. */
  emitSafeAreas(top) {
    this.emit("safe_area_changed", { top: 0, bottom: 0, left: 0, right: 0 });
    this.emit("content_safe_area_changed", { top, bottom: 0, left: 0, right: 0 });
  }

  #onMessage({ source, origin, data: message }) {
    if (source !== this.#frame.contentWindow || origin !== this.#origin) return;
    const { eventType, eventData } = parse(message);
    if (typeof eventType !== "string") return;
    const data = parse(eventData);
    const absent = Object.hasOwn(ABSENT, eventType) ? ABSENT[eventType] : null;
    if (absent) this.emit(...absent(data));
    if (MISSED.has(eventType)) this.#client.missing();
    void this.#onRequest(eventType, data);
  }

  async #onRequest(eventType, data) {
    const client = this.#client;
    switch (eventType) {
      case "iframe_ready":
        return client.setReloadable(data.reload_supported === true);
      case "web_app_ready":
        return client.ready();
      case "web_app_close":
        return client.close();
      case "web_app_request_theme":
        return this.emitTheme();
      case "web_app_request_viewport":
        return client.emitViewport();
      case "web_app_request_safe_area":
      case "web_app_request_content_safe_area":
        return client.emitSafeAreas();
      case "web_app_expand":
        return client.setSize("expanded");
      case "web_app_request_fullscreen":
        return client.setSize("full");
      case "web_app_exit_fullscreen":
        return client.setSize("expanded");
      case "web_app_setup_back_button":
        return client.setBack(data.is_visible === true);
      case "web_app_setup_settings_button":
        return client.setSettings(data.is_visible === true);
      case "web_app_setup_closing_behavior":
        return client.setConfirmation(data.need_confirmation === true);
      case "web_app_setup_main_button":
        return client.setButton("main", data);
      case "web_app_setup_secondary_button":
        return client.setButton("secondary", data);
      case "web_app_set_header_color":
        return client.setColour("header", data.color ?? data.color_key);
      case "web_app_set_bottom_bar_color":
        return client.setColour("bottom", data.color);
      case "web_app_open_popup":
        return this.emit("popup_closed", { button_id: (await client.ask(data)) ?? undefined });
      case "web_app_read_text_from_clipboard":
        return this.emit("clipboard_text_received", { req_id: data.req_id, data: await client.readClipboard() });
      case "web_app_request_file_download":
        return this.emit("file_download_requested", {
          status: (await client.download(data)) ? "downloading" : "cancelled",
        });
      case "web_app_open_link":
        return client.openLink(String(data.url));
      case "web_app_open_invoice":
        return this.emit("invoice_closed", { slug: data.slug, status: await client.openInvoice(String(data.slug)) });
      case "web_app_open_tg_link":
        return client.openTelegramLink(String(data.path_full));
      case "web_app_data_send":
        return client.sendData(String(data.data));
      // Haptics, swipes and orientation have no effect here; unknown events belong to newer clients.
      default:
        return undefined;
    }
  }
}

function parse(value) {
  if (typeof value !== "string") return value ?? {};
  try {
    return JSON.parse(value) ?? {};
  } catch {
    return {};
  }
}
