/** What starts the worker with the computer, for each system: a systemd unit of the user, a launchd agent, a Windows task. Pure. */

export interface ServiceFacts {
  /** Absolute paths. */
  node: string;
  script: string;
  folder: string;
  /** Settings and options it is started with. */
  environment: Readonly<Record<string, string>>;
  /** Where its lines go where the system keeps none, on macOS. */
  log: string;
}

export const SERVICE_NAME = "starai-worker";
export const LAUNCHD_LABEL = "ai.star.worker";
/** It ends itself within 3 s. */
const STOP_S = 10;

/** @throws Error for a value that a unit cannot hold. */
export function systemdUnit({ node, script, folder, environment }: ServiceFacts): string {
  const settings = Object.entries(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`);
  return [
    "[Unit]",
    "Description=StarAI worker: lends this machine to a pool",
    "After=network-online.target",
    "Wants=network-online.target",
    // Without an end it is started again: a pool that is away for a night is no fault of the machine.
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=simple",
    `WorkingDirectory=${specifierFree(folder)}`,
    ...settings,
    `ExecStart=${commandWord(node)} ${commandWord(script)} worker start`,
    "Restart=always",
    "RestartSec=30",
    `TimeoutStopSec=${STOP_S}`,
    "Nice=10",
    "",
    "[Install]",
    "WantedBy=default.target",
    "",
  ].join("\n");
}

export function launchdPlist({ node, script, folder, environment, log }: ServiceFacts): string {
  const words = [node, script, "worker", "start"].map((word) => `    <string>${xml(word)}</string>`);
  const settings = Object.entries(environment).map(
    ([name, value]) => `    <key>${xml(name)}</key>\n    <string>${xml(value)}</string>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words.join("\n")}
  </array>
  <key>WorkingDirectory</key>
  <string>${xml(folder)}</string>
  <key>EnvironmentVariables</key>
  <dict>
${settings.join("\n")}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>Nice</key>
  <integer>10</integer>
  <key>StandardErrorPath</key>
  <string>${xml(log)}</string>
</dict>
</plist>
`;
}

/** A task holds no settings: they are set by the command line that it runs. */
export function windowsTask({ node, script, folder, environment }: ServiceFacts): string {
  const settings = Object.entries(environment).map(
    ([name, value]) => `set "${batchFree(name)}=${batchFree(value)}" && `,
  );
  const line = `/c "${settings.join("")}"${batchFree(node)}" "${batchFree(script)}" worker start"`;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>StarAI worker: lends this machine to a pool</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>true</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>true</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>8</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>cmd.exe</Command>
      <Arguments>${xml(line)}</Arguments>
      <WorkingDirectory>${xml(folder)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
}

/** systemd reads % as a specifier, and backslashes and quotes as its own. */
function quoted(value: string): string {
  return `"${specifierFree(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** In a command, unlike in a setting, a dollar sign begins a variable. */
const commandWord = (value: string): string => quoted(value).replaceAll("$", "$$$$");

function specifierFree(value: string): string {
  return oneLine(value).replaceAll("%", "%%");
}

function batchFree(value: string): string {
  if (/["%^&|<>!]/.test(value))
    throw new Error(`A Windows task cannot hold ${value.slice(0, 60)}: set it without such signs`);
  return oneLine(value);
}

function xml(value: string): string {
  return oneLine(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function oneLine(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new Error(`A service cannot hold a setting of several lines: ${value.slice(0, 60)}`);
  return value;
}
