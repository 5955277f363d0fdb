// SPDX-License-Identifier: Apache-2.0
// foreign.js COMMAND …: signs and verifies with libraries of the Node.js world (xml-crypto, pkijs,
// node-forge), which share no code with ours. Exits with 1 if something does not verify.
//   verify-xml FILE                    every signature in it, with the certificate it carries
//   verify-cms FILE [CONTENT]          every signer
//   verify-pdf FILE                    the CMS of every signature over its ByteRange
//   sign-xml KEY CERT OUT CANONICAL    enveloped, or with "id" over one element
//   sign-cms KEY CERT OUT CONTENT how  how: pkijs, pkijs-detached, forge, forge-detached
//   sign-pdf KEY CERT OUT              a PDF of its own with /adbe.pkcs7.detached
'use strict';
const assert = require('assert');
const fs = require('fs');
const { webcrypto } = require('crypto');
const { SignedXml } = require('xml-crypto');
const { DOMParser } = require('@xmldom/xmldom');
const asn1js = require('asn1js');
const forge = require('node-forge');
const pkijs = require('pkijs');

pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto, subtle: webcrypto.subtle }));

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const read = (file) => fs.readFileSync(file);
const bytes = (b) => b.buffer.slice(b.byteOffset, b.byteOffset + b.length);

function pemBody(file) {
  return Buffer.from(read(file).toString().replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

// ---- XML ----
function verifyXml(file) {
  const xml = read(file).toString();
  const list = new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS(DSIG, 'Signature');
  assert(list.length > 0, 'no signature');
  for (let i = 0; i < list.length; i++) {
    const cert = list[i].getElementsByTagNameNS(DSIG, 'X509Certificate')[0].textContent.replace(/\s/g, '');
    const pem = `-----BEGIN CERTIFICATE-----\n${cert.match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
    const sig = new SignedXml({ publicCert: pem, getCertFromKeyInfo: () => null });
    sig.loadSignature(list[i]);
    assert(sig.checkSignature(xml), 'xml-crypto refuses');
    assert(sig.getSignedReferences().length > 0);
  }
}

function signXml(key, cert, out, how) {
  const canonical = how === 'exclusive' ? EXCLUSIVE : INCLUSIVE;
  const sig = new SignedXml({
    privateKey: read(key), publicCert: read(cert), canonicalizationAlgorithm: canonical,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  });
  const digestAlgorithm = 'http://www.w3.org/2001/04/xmlenc#sha256';
  if (how === 'id')
    sig.addReference({ xpath: "//*[local-name(.)='申請']", transforms: [EXCLUSIVE], digestAlgorithm });
  else
    sig.addReference({ xpath: '/*', isEmptyUri: true, digestAlgorithm,
      transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', canonical] });
  sig.computeSignature('<書類><申請 Id="o"><額>100</額></申請></書類>', { prefix: 'ds' });
  fs.writeFileSync(out, sig.getSignedXml());
}

// ---- CMS ----
async function verifySignedData(der, content) {
  const info = pkijs.ContentInfo.fromBER(der);
  assert.strictEqual(info.contentType, '1.2.840.113549.1.7.2');
  const data = new pkijs.SignedData({ schema: info.content });
  assert(data.signerInfos.length > 0);
  for (let signer = 0; signer < data.signerInfos.length; signer++) {
    const detached = data.encapContentInfo.eContent === undefined;
    const ok = await data.verify({ signer, checkChain: false, ...(detached ? { data: content } : {}) });
    assert(ok, 'pkijs refuses');
  }
}

async function signPkijs(key, cert, content, detached) {
  const x509 = pkijs.Certificate.fromBER(bytes(pemBody(cert)));
  const priv = await webcrypto.subtle.importKey('pkcs8', pemBody(key),
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);
  const digest = await webcrypto.subtle.digest('SHA-256', content);
  const attribute = (type, value) => new pkijs.Attribute({ type, values: [value] });
  const data = new pkijs.SignedData({
    version: 1,
    encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: '1.2.840.113549.1.7.1' }),
    signerInfos: [new pkijs.SignerInfo({
      version: 1,
      sid: new pkijs.IssuerAndSerialNumber({ issuer: x509.issuer, serialNumber: x509.serialNumber }),
    })],
    certificates: [x509],
  });
  data.signerInfos[0].signedAttrs = new pkijs.SignedAndUnsignedAttributes({
    type: 0, attributes: [
      attribute('1.2.840.113549.1.9.3', new asn1js.ObjectIdentifier({ value: '1.2.840.113549.1.7.1' })),
      attribute('1.2.840.113549.1.9.4', new asn1js.OctetString({ valueHex: digest })),
    ] });
  if (!detached)
    data.encapContentInfo.eContent = new asn1js.OctetString({ valueHex: content });
  await data.sign(priv, 0, 'SHA-256', content);
  const info = new pkijs.ContentInfo({ contentType: '1.2.840.113549.1.7.2', content: data.toSchema(true) });
  return Buffer.from(info.toSchema().toBER(false));
}

function signForge(key, cert, content, detached) {
  const p7 = forge.pkcs7.createSignedData();
  p7.content = forge.util.createBuffer(content.toString('binary'));
  const x509 = forge.pki.certificateFromPem(read(cert).toString());
  p7.addCertificate(x509);
  p7.addSigner({
    key: forge.pki.privateKeyFromPem(read(key).toString()), certificate: x509,
    digestAlgorithm: forge.pki.oids.sha256,
    // node-forge hashes them in this order, which is that of DER (RFC 5652 5.3)
    authenticatedAttributes: [
      { type: forge.pki.oids.contentType, value: forge.pki.oids.data },
      { type: forge.pki.oids.signingTime, value: new Date() },
      { type: forge.pki.oids.messageDigest },
    ] });
  p7.sign({ detached });
  return Buffer.from(forge.asn1.toDer(p7.toAsn1()).getBytes(), 'binary');
}

// ---- PDF ----
async function verifyPdf(file) {
  const pdf = read(file), text = pdf.toString('latin1');
  const ranges = [...text.matchAll(/\/ByteRange *\[ *(\d+) +(\d+) +(\d+) +(\d+) *\]/g)];
  assert(ranges.length > 0, 'no signature');
  for (const m of ranges) {
    const [a, b, c, d] = m.slice(1).map(Number);
    const hex = text.slice(a + b + 1, c - 1);
    const signed = Buffer.concat([pdf.subarray(a, a + b), pdf.subarray(c, c + d)]);
    const der = Buffer.from(hex, 'hex');
    const used = 4 + der.readUInt16BE(2);
    assert.strictEqual(der[1], 0x82);
    await verifySignedData(bytes(der.subarray(0, used)), bytes(signed));
  }
}

function signPdf(key, cert, out) {
  const room = 8192, hole = `<${'0'.repeat(2 * room)}>`, range = '/ByteRange [0 ********** ********** **********]';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Annots [4 0 R] >>',
    '<< /Type /Annot /Subtype /Widget /FT /Sig /T (Theirs) /V 5 0 R /Rect [0 0 0 0] /F 132 /P 3 0 R >>',
    `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached ${range} /Contents ${hole} >>`,
  ];
  let text = '%PDF-1.7\n%\xE2\xE3\xCF\xD3\n', table = 'xref\n0 6\n0000000000 65535 f \n';
  objects.forEach((o, i) => {
    table += `${String(text.length).padStart(10, '0')} 00000 n \n`;
    text += `${i + 1} 0 obj\n${o}\nendobj\n`;
  });
  text += `${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  const start = text.indexOf(hole), end = start + hole.length;
  const numbers = [start, end, text.length - end].map((n) => String(n).padEnd(10));
  text = text.replace(range, `/ByteRange [0 ${numbers.join(' ')}]`);
  const signed = Buffer.from(text.slice(0, start) + text.slice(end), 'latin1');
  const der = signForge(key, cert, signed, true);
  assert(der.length <= room);
  fs.writeFileSync(out, Buffer.from(
    text.slice(0, start + 1) + der.toString('hex').padEnd(2 * room, '0') + text.slice(end - 1), 'latin1'));
}

const commands = {
  'verify-xml': verifyXml,
  'verify-cms': (file, content) => verifySignedData(bytes(read(file)), content && bytes(read(content))),
  'verify-pdf': verifyPdf,
  'sign-xml': signXml,
  'sign-cms': async (key, cert, out, content, how) => {
    const detached = how.endsWith('-detached');
    fs.writeFileSync(out, how.startsWith('pkijs')
      ? await signPkijs(key, cert, bytes(read(content)), detached)
      : signForge(key, cert, read(content), detached));
  },
  'sign-pdf': signPdf,
};
Promise.resolve().then(() => commands[process.argv[2]](...process.argv.slice(3))).catch((e) => {
  console.error(e.message);
  process.exit(1);
});
