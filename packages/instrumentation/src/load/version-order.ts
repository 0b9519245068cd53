/** Orders by major, minor, patch: negative where `left` is older. A pre-release counts as its release. */
export function compareVersions(left: string, right: string): number {
  const parts = (version: string): number[] => version.split(/[.+-]/, 3).map(Number);
  const [a, b] = [parts(left), parts(right)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
