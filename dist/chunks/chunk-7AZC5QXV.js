// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{join as n,resolve as o}from"node:path";import{pathToFileURL as a}from"node:url";function c(t){let r=o(t);return{path:r,uri:a(r).href,metadata:{}}}function u(t,r){let i=Object.keys(t.outputs).filter(e=>t.outputs[e]?.role==="artifact");return Object.fromEntries(i.map(e=>[e,c(n(r,e))]))}function d(t){return s(t,r=>r.path)}function s(t,r){return Object.fromEntries(Object.entries(t).map(([i,e])=>[i,r(e,i)]))}export{c as a,u as b,d as c,s as d};
