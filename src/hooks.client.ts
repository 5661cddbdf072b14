import type { HandleClientError } from '@sveltejs/kit';

/** An address that leads nowhere is answered by the error page; other errors also belong in the console. */
export const handleError: HandleClientError = ({ error, status, message }) => {
  if (status === 404) return { message };
  console.error(error);
  return { message: error instanceof Error ? error.message : message };
};
