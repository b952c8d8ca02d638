// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
function m(r,n=3){let[t,o]=r.toFixed(n).split("."),e=o?.replace(/0+$/,"")??"";return e===""?Number(t)===0?"0":t:`${t.replace(/^(-?)0$/,"$1")}.${e}`}var i=new Intl.NumberFormat("en-US",{maximumFractionDigits:0});function u(r){return i.format(r)}export{m as a,u as b};
