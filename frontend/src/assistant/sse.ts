import type { Told } from "./model";

/** Server-sent events out of text that comes in pieces; half an event waits for its other half. */
export class EventReader {
  #rest = "";

  read(piece: string): Told[] {
    const frames = (this.#rest + piece).split("\n\n");
    this.#rest = frames.pop() ?? "";
    return frames.map(eventOf).filter((told) => told !== null);
  }
}

function eventOf(frame: string): Told | null {
  const lines = frame.split("\n");
  const named = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const event = named("event");
  const data = named("data");
  return event === undefined || data === undefined ? null : ({ event, data: JSON.parse(data) } as Told);
}
