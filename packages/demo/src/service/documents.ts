/** One page of the shop's help centre. */
export interface Document {
  readonly id: string;
  readonly text: string;
}

/** The help centre, small enough to be kept in memory. */
export const DOCUMENTS: readonly Document[] = [
  {
    id: 'delivery',
    text: 'Delivery takes two to four working days. Track the parcel with the number in your shipping mail.',
  },
  {
    id: 'late',
    text: 'A late parcel: after three working days without a scan we open an inquiry with the carrier for you.',
  },
  {
    id: 'returns',
    text: 'Return any article within thirty days. Print the return label in your account and drop the parcel off.',
  },
  {
    id: 'refund',
    text: 'A refund goes back to your card in five working days after the return has reached our warehouse.',
  },
  {
    id: 'address',
    text: 'Change the address of an order in your account until it is packed; after that ask the carrier.',
  },
  {
    id: 'warranty',
    text: 'Warranty covers material and seams for two years, for our own tents and backpacks ten years.',
  },
  {
    id: 'repair',
    text: 'Repair: send a photo of the damage and our workshop mends zips, poles and seams in three weeks.',
  },
  {
    id: 'size',
    text: 'Find the right size of hiking boots: measure your foot in millimetres and add twelve.',
  },
  {
    id: 'voucher',
    text: 'Redeem a gift voucher at the checkout. The rest stays on the voucher and never expires.',
  },
  {
    id: 'invoice',
    text: 'Download the invoice of every order as a document in your account under documents.',
  },
  {
    id: 'gas',
    text: 'Gas cartridges and large batteries travel by road only and cannot be sent to islands or lockers.',
  },
  {
    id: 'price',
    text: 'If the price falls within fourteen days of your order we refund the difference on request.',
  },
];
