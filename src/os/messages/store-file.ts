/** The file of the messages in the state directory. Apart from what opens it, so that others can look whether it exists. */
export const STORE_FILE = 'queues.sqlite';
