// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
function t(n){return n.replaceAll(/\s+/g," ").replaceAll(/[\\`*_{}[\]<>()#+!|~&$]/g,"\\$&")}function s(n,r){let e=n.map((i,o)=>o===0?"---":"---:");return[n,e,...r].map(i=>`| ${i.join(" | ")} |
`).join("")}function c(n,r){let e=[...n.slice(0,2*(r+1))];return e.length>r?`${e.slice(0,r).join("")}\u2026`:n}export{t as a,s as b,c};
