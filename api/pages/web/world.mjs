// The countries of the world as paths, projected once: the server draws maps with them, and browsers need no script.
// Equal Earth, so that areas compare; shapes coarse for the world and finer for one country; where each has its dot.
import { geoArea, geoEqualEarth, geoPath } from "d3-geo";
import { readFileSync } from "node:fs";
import { feature } from "topojson-client";

const WIDE = 1000;
const SCALE = 184;
const MIDDLE = [500, 245];
const ANTARCTICA = "010";

// Territories with a code of their own that the atlas draws as parts of others: their dots, in degrees east and north.
const PARTS = [
  ["162", "Christmas Island", 105.6, -10.5], ["166", "Cocos Islands", 96.9, -12.2], ["175", "Mayotte", 45.2, -12.8],
  ["254", "French Guiana", -53.1, 3.9], ["312", "Guadeloupe", -61.5, 16.2], ["474", "Martinique", -61, 14.6],
  ["535", "Bonaire, Sint Eustatius and Saba", -68.3, 12.2], ["638", "Réunion", 55.5, -21.1],
  ["744", "Svalbard and Jan Mayen", 16, 78.5], ["772", "Tokelau", -171.8, -9.2],
];

const projection = geoEqualEarth().scale(SCALE).translate(MIDDLE);
const read = (detail) => {
  const topology = JSON.parse(readFileSync(`node_modules/world-atlas/countries-${detail}.json`, "utf8"));
  return feature(topology, topology.objects.countries).features.filter((each) => each.id !== ANTARCTICA);
};
const key = (each) => each.id ?? each.properties.name;
const byKey = (features) => new Map(features.map((each) => [key(each), each]));
// The largest part of a country: where its dot stands, and what is shown of it alone.
const largest = ({ geometry }) => {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const [first] = parts
    .map((coordinates) => ({ type: "Polygon", coordinates }))
    .sort((a, b) => geoArea(b) - geoArea(a));
  return first;
};
const rounded = (numbers) => numbers.map((each) => Math.round(each * 100) / 100);

const dot = ([id, name, ...place]) => {
  const at = rounded(projection(place));
  return { id, name, path: "", detail: "", at, box: [...at, ...at] };
};

export function world() {
  const coarse = byKey(read("110m"));
  const fine = byKey(read("50m"));
  const countries = read("10m")
    .filter((each) => each.id || coarse.has(key(each)))
    .map((each) => {
      const [name, main] = [key(each), largest(each)];
      const shown = (found, digits) => (found ? geoPath(projection).digits(digits)(found) : "");
      return {
        id: each.id ?? "",
        name: each.properties.name,
        path: shown(coarse.get(name), 1),
        detail: shown(fine.get(name), 2),
        at: rounded(geoPath(projection).centroid(main)),
        box: rounded(geoPath(projection).bounds(main).flat()),
      };
    })
    .concat(PARTS.map(dot))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const checks = [[0, 0], [28.9, -2.5], [-74, 40.7], [151.2, -33.9], [179, 70]];
  const points = checks.map((place) => [...place, ...rounded(projection(place))]);
  return { wide: WIDE, scale: SCALE, middle: MIDDLE, points, countries };
}
