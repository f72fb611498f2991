/** The parts of the app that are loaded late: when first shown, or earlier while the browser is idle. */
import { lazyPart } from "../lib/lazy-part.tsx";

export const PoolScreen = lazyPart(() => import("../features/pool/PoolScreen.tsx"));
export const SettingsScreen = lazyPart(() => import("./SettingsRoute.tsx"));
// Includes the sheets of models and personas, so it is fetched when a menu is opened.
export const ThreadActions = lazyPart(() => import("./ThreadActions.tsx"));
export const ChatScreen = lazyPart(() => import("../features/chat/ChatScreen.tsx"));
export const WalletScreen = lazyPart(() => import("../features/wallet/WalletScreen.tsx"));
export const HistoryScreen = lazyPart(() => import("../features/wallet/HistoryScreen.tsx"));
export const TopUpSheet = lazyPart(() => import("../features/wallet/TopUpSheet.tsx"));
export const CapsSheet = lazyPart(() => import("../features/wallet/CapsSheet.tsx"));
export const ReceiptSheet = lazyPart(() => import("../features/receipts/ReceiptSheet.tsx"));
export const CoinsScreen = lazyPart(() => import("../features/coins/CoinsScreen.tsx"));
export const TopUpCoinsScreen = lazyPart(() => import("../features/coins/TopUpCoinsScreen.tsx"));
export const WithdrawScreen = lazyPart(() => import("../features/coins/WithdrawScreen.tsx"));
// For the few who want it, so it is not fetched before.
export const CustodyScreen = lazyPart(() => import("../features/coins/custody/CustodyScreen.tsx"));
export const VoucherSigner = lazyPart(() => import("../features/coins/custody/VoucherSigner.tsx"));
export const KeysScreen = lazyPart(() => import("../features/keys/KeysScreen.tsx"));
export const PairScreen = lazyPart(() => import("../features/machines/PairScreen.tsx"));
export const StakeScreen = lazyPart(() => import("../features/coins/stake/StakeScreen.tsx"));
export const MachinesScreen = lazyPart(() => import("../features/machines/MachinesScreen.tsx"));
export const JoinPool = lazyPart(() => import("../features/pool/JoinPool.tsx"));
export const ClaimPay = lazyPart(() => import("../features/coins/claim/ClaimPay.tsx"));
export const TermsScreen = lazyPart(() => import("../features/terms/TermsScreen.tsx"));
export const PrivacyScreen = lazyPart(() => import("../features/terms/PrivacyScreen.tsx"));
