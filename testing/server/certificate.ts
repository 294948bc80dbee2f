import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for localhost, of nobody: its key is public, and no machine trusts it. */
export const CERTIFICATE = `
-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUPrspFb3rrquEtktZReLnC2qHbFIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE2NDA1NVoYDzIxMjYxMDI5
MTY0MDU1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASZMrsBBs/O1nz5lVpgEjfvDtNltpPJvSGAr0n01sYHbJwQJZOYQ/Kd
OcQzKhFcnlv65QBppJ+wBAbgHxiQvt+so28wbTAdBgNVHQ4EFgQU9kXvaFzhff3b
L50ZUlf5GWipufMwHwYDVR0jBBgwFoAU9kXvaFzhff3bL50ZUlf5GWipufMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgPJ1W39hIPkUk2zFTiCTqCtnLqNG5jI1jA1gRm5rne+wCIE6m
d/2Z8q/DnEVV9Iy1NmZfgAgnrrvTi0zdhz7/n+n5
-----END CERTIFICATE-----
`;

export const CERTIFICATE_KEY = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr8+Jt9CcNfuAGCuc
IvIXCp2h7tYgJOWjn8F6kM83TsGhRANCAASZMrsBBs/O1nz5lVpgEjfvDtNltpPJ
vSGAr0n01sYHbJwQJZOYQ/KdOcQzKhFcnlv65QBppJ+wBAbgHxiQvt+s
-----END PRIVATE KEY-----
`;

/** Writes a text where a setting can name it. */
export function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'video-call-')), 'file.pem');
  writeFileSync(file, text);
  return file;
}
