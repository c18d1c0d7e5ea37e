/**
 * Where the simulated receiver goes: a walk and a drive in each place of the trial. Coordinates are WGS 84, written by
 * hand along real streets and approximate (tens of metres): good for a map in a demonstration, not for navigation.
 * Each box lies well inside the place and holds its routes; it is not the borough's boundary.
 */

export type Waypoint = readonly [latDeg: number, lonDeg: number];

export interface Place {
  readonly name: string;
  readonly force: "metropolitan" | "bedfordshire";
  readonly box: {
    readonly southDeg: number;
    readonly westDeg: number;
    readonly northDeg: number;
    readonly eastDeg: number;
  };
  /** There and back again on foot. */
  readonly walk: readonly Waypoint[];
  /** There and back again by car; starts where the walk starts. */
  readonly drive: readonly Waypoint[];
}

function place(
  name: string,
  force: Place["force"],
  [southDeg, westDeg, northDeg, eastDeg]: readonly [number, number, number, number],
  walk: readonly Waypoint[],
  drive: readonly Waypoint[],
): Place {
  return { name, force, box: { southDeg, westDeg, northDeg, eastDeg }, walk, drive };
}

export const PLACES: readonly Place[] = [
  // High Street and Wood Street, Chipping Barnet; then the Great North Road towards Whetstone.
  place(
    "Barnet",
    "metropolitan",
    [51.57, -0.28, 51.67, -0.15],
    [
      [51.6503, -0.1969],
      [51.6526, -0.1993],
      [51.6545, -0.2012],
      [51.653, -0.2025],
      [51.6526, -0.206],
    ],
    [
      [51.6503, -0.1969],
      [51.6481, -0.1897],
      [51.6465, -0.1862],
      [51.642, -0.181],
      [51.6365, -0.1767],
      [51.6305, -0.1753],
      [51.6246, -0.1757],
    ],
  ),
  // Broadway, Bexleyheath; then Watling Street towards Welling.
  place(
    "Bexley",
    "metropolitan",
    [51.43, 0.08, 51.49, 0.18],
    [
      [51.4567, 0.1413],
      [51.4569, 0.1448],
      [51.4562, 0.1486],
      [51.455, 0.1518],
    ],
    [
      [51.4567, 0.1413],
      [51.4573, 0.1366],
      [51.4583, 0.1305],
      [51.4606, 0.1216],
      [51.4622, 0.1145],
      [51.4631, 0.107],
    ],
  ),
  // High Street, Bromley; then Masons Hill and Bromley Common.
  place(
    "Bromley",
    "metropolitan",
    [51.36, -0.02, 51.42, 0.08],
    [
      [51.4041, 0.0153],
      [51.4061, 0.0148],
      [51.4005, 0.0174],
      [51.4021, 0.0163],
    ],
    [
      [51.4041, 0.0153],
      [51.4005, 0.0174],
      [51.397, 0.0201],
      [51.3925, 0.0258],
      [51.3868, 0.0336],
      [51.3815, 0.0413],
    ],
  ),
  // Wembley High Road; then Harrow Road and Wembley Park.
  place(
    "Brent",
    "metropolitan",
    [51.53, -0.33, 51.59, -0.2],
    [
      [51.5523, -0.2965],
      [51.5515, -0.2937],
      [51.5507, -0.2905],
      [51.5524, -0.2878],
    ],
    [
      [51.5523, -0.2965],
      [51.551, -0.2917],
      [51.5502, -0.2865],
      [51.5482, -0.2766],
      [51.5463, -0.268],
      [51.544, -0.2601],
    ],
  ),
  // Camden High Street to the lock; then Kentish Town Road.
  place(
    "Camden",
    "metropolitan",
    [51.515, -0.2, 51.57, -0.11],
    [
      [51.5345, -0.1387],
      [51.537, -0.1407],
      [51.5393, -0.1427],
      [51.5413, -0.1458],
      [51.5422, -0.1484],
    ],
    [
      [51.5345, -0.1387],
      [51.5393, -0.1427],
      [51.5418, -0.1419],
      [51.545, -0.1415],
      [51.5501, -0.1406],
      [51.5538, -0.1441],
      [51.5567, -0.1506],
    ],
  ),
  // North End, Croydon; then Brighton Road to South Croydon and Purley.
  place(
    "Croydon",
    "metropolitan",
    [51.33, -0.15, 51.42, -0.04],
    [
      [51.3723, -0.1003],
      [51.3746, -0.1002],
      [51.3768, -0.1017],
      [51.3788, -0.1031],
    ],
    [
      [51.3723, -0.1003],
      [51.3691, -0.0998],
      [51.3645, -0.0976],
      [51.36, -0.0966],
      [51.355, -0.0997],
      [51.3492, -0.1053],
      [51.343, -0.1117],
    ],
  ),
  // Ealing Broadway; then Uxbridge Road through West Ealing to Hanwell.
  place(
    "Ealing",
    "metropolitan",
    [51.49, -0.36, 51.55, -0.25],
    [
      [51.513, -0.3015],
      [51.5145, -0.3019],
      [51.5123, -0.3046],
      [51.5113, -0.3069],
    ],
    [
      [51.513, -0.3015],
      [51.5119, -0.3078],
      [51.5102, -0.3137],
      [51.5096, -0.3208],
      [51.5097, -0.3289],
      [51.5091, -0.3374],
    ],
  ),
  // South Street and the market, Romford; then Hornchurch Road.
  place(
    "Havering",
    "metropolitan",
    [51.54, 0.14, 51.63, 0.27],
    [
      [51.5751, 0.183],
      [51.5772, 0.182],
      [51.5793, 0.1805],
      [51.5799, 0.1837],
    ],
    [
      [51.5751, 0.183],
      [51.572, 0.1864],
      [51.5682, 0.1932],
      [51.566, 0.2003],
      [51.5645, 0.208],
      [51.5632, 0.217],
    ],
  ),
  // High Street, Uxbridge; then Hillingdon Road and Hillingdon Hill.
  place(
    "Hillingdon",
    "metropolitan",
    [51.48, -0.49, 51.58, -0.4],
    [
      [51.5462, -0.4786],
      [51.5475, -0.4805],
      [51.5447, -0.4762],
      [51.5436, -0.4745],
    ],
    [
      [51.5462, -0.4786],
      [51.5436, -0.4745],
      [51.5405, -0.4698],
      [51.536, -0.4605],
      [51.532, -0.453],
      [51.5286, -0.4465],
    ],
  ),
  // Lewisham High Street; then towards Catford.
  place(
    "Lewisham",
    "metropolitan",
    [51.42, -0.05, 51.48, 0.03],
    [
      [51.4633, -0.0113],
      [51.4615, -0.0115],
      [51.4595, -0.0123],
      [51.4571, -0.0144],
    ],
    [
      [51.4633, -0.0113],
      [51.4595, -0.0123],
      [51.4557, -0.0157],
      [51.452, -0.0181],
      [51.4486, -0.0192],
      [51.4451, -0.0207],
      [51.441, -0.0189],
    ],
  ),
  // High Street and the bridge, Bedford; then Goldington Road.
  place(
    "Bedford",
    "bedfordshire",
    [52.11, -0.5, 52.16, -0.41],
    [
      [52.1352, -0.4665],
      [52.1371, -0.4668],
      [52.1389, -0.4672],
      [52.1364, -0.4693],
    ],
    [
      [52.1352, -0.4665],
      [52.1389, -0.4672],
      [52.1386, -0.4618],
      [52.1391, -0.455],
      [52.1402, -0.4466],
      [52.1415, -0.4379],
    ],
  ),
  // George Street and Manchester Street, Luton; then New Bedford Road.
  place(
    "Luton",
    "bedfordshire",
    [51.86, -0.47, 51.92, -0.38],
    [
      [51.8787, -0.4145],
      [51.8797, -0.4172],
      [51.8809, -0.4187],
      [51.8822, -0.4165],
    ],
    [
      [51.8787, -0.4145],
      [51.8797, -0.4172],
      [51.8826, -0.4198],
      [51.8868, -0.4226],
      [51.8915, -0.4242],
      [51.897, -0.4262],
    ],
  ),
];

/** Case does not matter; null for a place that the receiver does not know. */
export function findPlace(name: string): Place | null {
  return PLACES.find((known) => known.name.toLowerCase() === name.trim().toLowerCase()) ?? null;
}
