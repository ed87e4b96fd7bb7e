/** HH:MM:SS in local time of an ISO 8601 time; blank if it is invalid. */
export function clockText(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return ' '.repeat(8);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
