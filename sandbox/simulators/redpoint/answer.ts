/** A request to a simulated service. */
export interface PodRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
}

/** What it answers; `cut`: the connection is closed without a word. */
export type PodAnswer = { status: number; body: unknown } | "cut";

/** Part of a service that answers some requests; null: not one of its own. */
export interface PodApi {
  answer(request: PodRequest): Promise<PodAnswer | null>;
}

/** An error as ASP.NET Core words it. */
export function problem(status: number, detail: string): PodAnswer {
  return { status, body: { title: status >= 500 ? "Internal Server Error" : "Bad Request", status, detail } };
}
