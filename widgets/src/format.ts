// Numbers and times as people read them; the same in every locale.
const NARROW_SPACE = "\u202f";

/** 1234567 -> "1 234 567", with narrow spaces that do not break. */
export function rows(count: number): string {
  return Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
}

/** "1 row", "2 rows". */
export function counted(count: number, noun: string): string {
  return `${rows(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Seconds as "8 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A share of 0 to 1 as whole per cent; 100 only when everything is done. */
export function percent(share: number): string {
  return `${share >= 1 ? 100 : Math.min(99, Math.floor(share * 100))}${NARROW_SPACE}%`;
}
