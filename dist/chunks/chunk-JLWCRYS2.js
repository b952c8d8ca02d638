// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
function o(t){let r=new Uint8Array(t.length*4),n=new DataView(r.buffer);for(let e=0;e<t.length;e++)n.setFloat32(e*4,t[e],!0);return r}function a(t){let r=new DataView(t.buffer,t.byteOffset,t.byteLength);return Float64Array.from({length:t.length/4},(n,e)=>r.getFloat32(e*4,!0))}export{o as a,a as b};
