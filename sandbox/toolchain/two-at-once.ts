/**
 * Runs work for every item, two at a time, in order. After a failure nothing new is begun; what runs is waited for, then
 * the first error is thrown.
 */
export async function atMostTwo<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && errors.length === 0; item = queue.shift()) {
      await work(item).catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all([worker(), worker()]);
  if (errors.length > 0) throw errors[0];
}
