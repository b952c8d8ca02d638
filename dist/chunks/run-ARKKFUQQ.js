// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{d as v}from"./chunk-DK56L6CL.js";import{a as R,b as k,c as O,d as T,e as J,f as B,h as P,i as L,j as N}from"./chunk-WZR7KAVI.js";import"./chunk-JLWCRYS2.js";import{a as c,b}from"./chunk-N3OEAN4Y.js";import"./chunk-STJ6BZSM.js";import"./chunk-PBMKHFPH.js";import{a as h,b as w,c as E}from"./chunk-YO7MPZCE.js";import"./chunk-NFWONC64.js";import"./chunk-LHQ66KWW.js";import{a as M}from"./chunk-IFTSNSXD.js";import"./chunk-6ZCXGILT.js";import"./chunk-6BIEKDJH.js";import{d as C,e as j}from"./chunk-CUZK5UJE.js";import{setImmediate as ee}from"node:timers/promises";function W(r,t,n){let e=R(r,n,"test"),o=Float64Array.from(t.flatMap(d=>[...d.probabilities])),{classes:a,confusion:i,...s}=P(e,B(o,n.length),n);return{metrics:{accuracy:s.accuracy,accuracyInterval:V(s.accuracy,r.length),macroPrecision:s.macroPrecision,macroRecall:s.macroRecall,macroF1:s.macroF1,logLoss:L(e,o,n.length),rows:r.length,classes:Object.fromEntries(a.map(({name:d,...p})=>[d,p]))},confusion:i}}function _(r,t,n){let{labels:e}=n,o=R(t,e,"test"),a=R(r,e,"training"),i=y=>{let{accuracy:u,macroF1:f}=P(o,y,e);return{accuracy:u,macroF1:f}},s=y=>y.map(u=>u.text),{features:d,matrix:p}=k(s(r),n.text),l=O(p,a,e.length),m=J(l,d.transform(s(t)));return{majority:i(new Int32Array(t.length).fill(T(a,e.length))),naiveBayes:i(B(m,e.length))}}function V(r,t){let n=1.959963984540054,e=1+n**2/t,o=(r+n**2/(2*t))/e,a=n/e*Math.sqrt(r*(1-r)/t+n**2/(4*t**2));return{low:Math.max(0,o-a),high:Math.min(1,o+a)}}var X=10,Y=200;function A({accuracy:r,accuracyInterval:{low:t,high:n},macroF1:e}){let o=`${c(t,2)} to ${c(n,2)}`;return`accuracy ${c(r)} (${o}), macro F1 ${c(e)}`}function H(r,t,n,e,o){let a=t.map(h),i=({accuracy:l,macroF1:m})=>[c(l),c(m)],{baselines:s}=r,d=[["this model",...i(r)],...s?[["naive Bayes",...i(s.naiveBayes)]]:[],...s?[["majority class",...i(s.majority)]]:[]],p=t.map((l,m)=>{let{precision:y,recall:u,f1:f,support:x}=r.classes[l];return[a[m],...[y,u,f].map($=>c($)),b(x)]});return`# Evaluation

On ${b(r.rows)} test rows: ${A(r)}. The 95 % interval is Wilson's.

${w(["","accuracy","macro F1"],d)}
Macro precision ${c(r.macroPrecision)}, macro recall ${c(r.macroRecall)}, log loss ${c(r.logLoss)}.

## Classes

${w(["class","precision","recall","F1","rows"],p)}
## Confusion

A row is the true class, a column the predicted one.

${w(["",...a],n.map((l,m)=>[a[m],...l.map(b)]))}
## Most confident mistakes

${Z(e,o)}`}function Z(r,t){let n=r.map((e,o)=>({row:e,label:t[o].label,sure:Math.max(...t[o].probabilities)})).filter(({row:e,label:o})=>e.label!==o).sort((e,o)=>o.sure-e.sure).slice(0,X);return n.length===0?`None.
`:w(["text","true","predicted","probability"],n.map(({row:e,label:o,sure:a})=>[h(E(e.text,Y)),h(e.label),h(o),c(a)]))}var q=1024,re=async({inputs:r,outputs:t,log:n,signal:e})=>{var S=[];try{let o=C(S,await N(r.model.path),!0);let{labels:a}=o.info;let i=await v(r.test.path,e);let s=r.train&&await v(r.train.path,e);n.info(`${b(i.length)} test rows, ${a.length} classes`);let d=i.map(g=>g.text);let p=await oe(o,d,e);let{metrics:l,confusion:m}=W(i,p,a);let y=s&&_(s,i,o.info);let u=y?{...l,baselines:y}:l;e.throwIfAborted();await M(t.metrics.path,`${JSON.stringify(u,void 0,2)}
`);let f={annotationSpecs:a.map(g=>({displayName:g})),rows:m.map(g=>({row:g}))};await M(t.confusion.path,`${JSON.stringify({confusionMatrix:f},void 0,2)}
`);await M(t.report.path,H(u,a,m,i,p));let{accuracy:x,macroPrecision:$,macroRecall:z,macroF1:I,logLoss:D,rows:K}=u;return{parameters:{accuracy:x,macroF1:I},metadata:{metrics:{accuracy:x,macroPrecision:$,macroRecall:z,macroF1:I,logLoss:D,rows:K},confusion:{confusionMatrix:f}},summary:A(u)}}catch(G){var Q=G,U=!0}finally{var F=j(S,Q,U);F&&await F}};async function oe(r,t,n){let e=[];for(let o=0;o<t.length;o+=q)await ee(),n.throwIfAborted(),e.push(...await r.predict(t.slice(o,o+q)));return e}var ge=re;export{ge as default};
