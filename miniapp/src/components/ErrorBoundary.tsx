import { Component } from "react";
import type { ComponentType, ReactNode } from "react";
import { retryFailedParts } from "../lib/lazy-part.tsx";

interface ErrorBoundaryProps {
  /** Shown in place of the children after an error; `onRetry` renders them again. */
  face: ComponentType<{ error: unknown; onRetry: () => void }>;
  children: ReactNode;
}

/** Contains an error in one part of the screen; retries by itself when the network is back. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: unknown; failed: boolean }> {
  override state = { error: null as unknown, failed: false };

  static getDerivedStateFromError(error: unknown) {
    return { error, failed: true };
  }

  override componentDidMount(): void {
    addEventListener("online", this.#again);
  }

  override componentWillUnmount(): void {
    removeEventListener("online", this.#again);
  }

  #again = (): void => {
    if (!this.state.failed) return;
    retryFailedParts();
    this.setState({ error: null, failed: false });
  };

  override render(): ReactNode {
    const { error, failed } = this.state;
    const Face = this.props.face;
    if (!failed) return this.props.children;
    return <Face error={error} onRetry={this.#again} />;
  }
}
