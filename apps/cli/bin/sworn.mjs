#!/usr/bin/env node
// The command `sworn`, as any Node from 20 can start it: packages first, then a Node that runs TypeScript.
import { fileURLToPath } from "node:url";
import { handOver, installPackages } from "../../../scripts/bootstrap.mjs";

installPackages();
handOver([fileURLToPath(new URL("../src/main.ts", import.meta.url)), ...process.argv.slice(2)]);
