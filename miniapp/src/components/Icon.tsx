/** The app's few icons: 24 px, drawn with the colour of the text beside them. Decoration only; the word is the button's label. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  down: "M6 9l6 6 6-6",
  arrowDown: "M12 5v14M6 13l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  check: "M5 13l4.5 4.5L19 7.5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  moreUp: "M12 5h.01M12 12h.01M12 19h.01",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5",
  archive: "M4 5h16v4H4zM6 9v10h12V9M10 13h4",
  select: "M5 6h.01M9 6h10M5 12h.01M9 12h10M5 18h.01M9 18h10",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  thumbUp: "M7 11v9H4v-9zM7 11l4-8c2 0 2.5 1.5 2 3.5L12.5 10H19l-1.5 8.5c-.2 1-.7 1.5-1.7 1.5H7",
  thumbDown: "M17 13V4h3v9zM17 13l-4 8c-2 0-2.5-1.5-2-3.5l.5-3.5H5l1.5-8.5C6.700 4.500 7.200 4 8.200 4H17",
  wrap: "M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15.5L12.5 18l2.5 2.5M4 18h4",
  download: "M12 4v11M8 11l4 4 4-4M5 19h14",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  chats: "M5 5h14a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
  pool: "M5 5h14v5H5zM5 14h14v5H5zM8 7.5h.01M8 16.5h.01",
  settings:
    "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1",
  wallet: "M4 7h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM4 7l11-3v3M16 13h.01",
  send: "M12 20V5M5 11l7-7 7 7",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  share: "M12 15V4M8 8l4-4 4 4M5 13v6h14v-6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  again: "M19 12a7 7 0 1 1-2-5M19 4v4h-4",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  image: "M4 5h16v14H4zM8.5 10h.01M20 16l-5-5-8 8",
  chip: "M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-5 8-5s7 1 8 5",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
} as const;

export type IconName = keyof typeof PATHS | "stop";

export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name.startsWith("more") ? 3 : 1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {name === "stop" ? (
        <rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" stroke="none" />
      ) : (
        <path d={PATHS[name]} />
      )}
    </svg>
  );
}
