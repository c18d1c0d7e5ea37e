// Counters, gauges and histograms in the Prometheus text format (version 0.0.4). Label values come from
// closed sets (route patterns, status codes, task names), never from a request: no personal data, no growth.
import { PlatformError } from "./platform-error.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels?: Labels, by?: number): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface Histogram {
  /** `value` in the unit that the metric's name ends with. */
  observe(value: number, labels?: Labels): void;
}
export interface Metrics {
  counter(name: string, description: string): Counter;
  gauge(name: string, description: string): Gauge;
  /** A gauge that is read when it is scraped. */
  gaugeFrom(name: string, description: string, read: () => number): void;
  histogram(name: string, description: string, buckets?: readonly number[]): Histogram;
  /** All metrics as one text page. */
  render(): string;
}

const defaultBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const maximumSeries = 1000;

function seriesName(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => {
      const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
      return `${label}="${escaped}"`;
    });
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

interface Buckets {
  labels: Labels;
  counts: number[];
  sum: number;
  count: number;
}

function renderBuckets(name: string, limits: readonly number[], series: Iterable<Buckets>): string[] {
  const lines: string[] = [];
  for (const { labels, counts, sum, count } of series) {
    limits.forEach((limit, index) => {
      const upTo = { ...labels, le: limit.toString() };
      lines.push(`${seriesName(`${name}_bucket`, upTo)} ${(counts[index] ?? 0).toString()}`);
    });
    lines.push(`${seriesName(`${name}_bucket`, { ...labels, le: "+Inf" })} ${count.toString()}`);
    lines.push(`${seriesName(`${name}_sum`, labels)} ${sum.toString()}`);
    lines.push(`${seriesName(`${name}_count`, labels)} ${count.toString()}`);
  }
  return lines;
}

/** An empty registry. A name may be registered once; a second time is a programming fault and throws. */
export function createMetrics(): Metrics {
  const pages = new Map<string, () => string>();
  const register = (name: string, type: string, description: string, lines: () => string[]): void => {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || pages.has(name))
      throw new PlatformError("invalid-use", `metric name ${name} is not usable`);
    pages.set(name, () => [`# HELP ${name} ${description}`, `# TYPE ${name} ${type}`, ...lines()].join("\n"));
  };
  const numbers = (name: string, type: string, description: string): Map<string, number> => {
    const values = new Map<string, number>();
    register(name, type, description, () =>
      [...values].map(([series, value]) => `${series} ${value.toString()}`),
    );
    return values;
  };
  const put = (values: Map<string, number>, series: string, value: number): void => {
    if (values.has(series) || values.size < maximumSeries) values.set(series, value);
  };
  return {
    counter(name, description) {
      const values = numbers(name, "counter", description);
      return {
        add(labels = {}, by = 1) {
          const series = seriesName(name, labels);
          put(values, series, (values.get(series) ?? 0) + by);
        },
      };
    },
    gauge(name, description) {
      const values = numbers(name, "gauge", description);
      return {
        set(value, labels = {}) {
          put(values, seriesName(name, labels), value);
        },
      };
    },
    gaugeFrom(name, description, read) {
      register(name, "gauge", description, () => [`${name} ${read().toString()}`]);
    },
    histogram(name, description, buckets = defaultBuckets) {
      const all = new Map<string, Buckets>();
      register(name, "histogram", description, () => renderBuckets(name, buckets, all.values()));
      return {
        observe(value, labels = {}) {
          const key = seriesName("", labels);
          const known = all.get(key);
          if (known === undefined && all.size >= maximumSeries) return;
          const series = known ?? { labels, counts: buckets.map(() => 0), sum: 0, count: 0 };
          all.set(key, series);
          buckets.forEach((limit, index) => {
            if (value <= limit) series.counts[index] = (series.counts[index] ?? 0) + 1;
          });
          series.sum += value;
          series.count += 1;
        },
      };
    },
    render: () => `${[...pages.values()].map((page) => page()).join("\n")}\n`,
  };
}
