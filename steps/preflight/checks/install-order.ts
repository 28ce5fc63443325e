import { installOrder as inInstallOrder, upgradeOrder } from "../../../model/order.ts";
import type { Check } from "../contract.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** A first install has an order of its own, which `pulumi up` does not take (design.md 3). */
export const installOrder: Check = {
  name: "install-order",
  code: "CUT-3117",
  overridable: true,
  async run({ states, spec, request, ledger }) {
    const { operation } = (await ledger()).summary;
    if (operation?.operation === "install") return passed("cutover install takes the services in their install order");
    const installed = (await states()).filter((state) => state.newest !== null).length;
    if (installed > 0)
      return passed(`${installed} of ${spec.services.length} services are installed: this is no first install`);
    const upgrade = upgradeOrder(spec.services).map((service) => service.name);
    const install = inInstallOrder(spec.services, spec.installOrder).map((service) => service.name);
    if (upgrade.join() === install.join()) return skipped("the platform installs in upgrade order");
    return failed(
      "a first install by plain `pulumi up` would take the upgrade order",
      [`install order: ${install.join(", ")}`, `order of \`pulumi up\`: ${upgrade.join(", ")}`],
      `type: cutover install ${request.stack}; where that verb is not at hand and the order does not matter (an empty dev stack), ` +
        `add {check: install-order, reason: ...} to cutover:overrides in stacks/Pulumi.${request.stack}.yaml`,
    );
  },
};
