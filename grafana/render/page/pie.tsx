/** The slices of a pie: the one thing that Grafana's packages have no component for. */
import type { FieldDisplay } from '@grafana/data';

interface PieProps {
  values: FieldDisplay[];
  total: number;
  width: number;
  height: number;
}

const HOLE = 0.6;

export function PieSlices({ values, total, width, height }: PieProps) {
  const radius = Math.min(width, height) / 2 - 6;
  let turned = 0;
  return (
    <svg width={width} height={height} viewBox={`${-width / 2} ${-height / 2} ${width} ${height}`} role="img">
      <title>Shares</title>
      {values.map(({ display, name }) => {
        const from = turned;
        turned += display.numeric / total;
        return <path key={name} d={slice({ from, to: turned, radius })} fill={display.color} />;
      })}
    </svg>
  );
}

function slice({ from, to, radius }: { from: number; to: number; radius: number }): string {
  const end = Math.min(to, from + 0.9999);
  const isLarge = end - from > 0.5 ? 1 : 0;
  const point = (share: number, r: number) =>
    `${r * Math.sin(2 * Math.PI * share)} ${-r * Math.cos(2 * Math.PI * share)}`;
  const inner = radius * HOLE;
  return `M ${point(from, radius)} A ${radius} ${radius} 0 ${isLarge} 1 ${point(end, radius)} L ${point(end, inner)} A ${inner} ${inner} 0 ${isLarge} 0 ${point(from, inner)} Z`;
}
