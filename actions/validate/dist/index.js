// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{a as t}from"../../../dist/chunks/chunk-UCNZ3LX6.js";import"../../../dist/chunks/chunk-SUOI45CR.js";import"../../../dist/chunks/chunk-7AZC5QXV.js";import{q as a}from"../../../dist/chunks/chunk-YKP2OZGZ.js";import"../../../dist/chunks/chunk-6BIEKDJH.js";import"../../../dist/chunks/chunk-CUZK5UJE.js";await t(a("validate"));
