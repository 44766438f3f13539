// Made by `tools/dev/unicode.py` of Unicode 15.0.0: kinds of characters, case, composition.
// Not to be edited; unpack() in data/utf8.h reads a table.
#pragma once

#include <string_view>

namespace babelgrad::unicode {

// White_Space, and the separators of information U+001C to U+001F, as ranges.
inline constexpr std::string_view blank = R"(
RJ\JmFBtABfsKBy`EVzADJB`CBaiHB)";

// General category P, as ranges.
inline constexpr std::string_view punctuation = R"(
cBFBLBHTDFDtAFBBvABBBgBBJBFBTDFBFBhmABPBa^LsBDhCBBBDBDByBDhADBDZBBFwDHqFBwB\`OFnC^_BByPDTB`IBvGBxGBd
YBXBtWBxEBTDyJ^BBkBHqDBwDJHDdGL`KBngARvIBahAByBD`EFqDDcJFBFkBVeTD|MDgHNBLbKNxADaHHxCJ_DDcDPVBluApAPh
ABZBX|AD\DyhAHzAD_gB\bED_BT_ZlAaDHaBDfqAHBDfGBfI`CBaBDX`[FHTDX`ABXBiFBxEB_x}ADjQFkFBTBlGLoXHpEDqBFBB
dCD`CBgFZ`AD_HHcHD`ADaPBbikADlMTlAgBB\BBHBBDrIFBLBHTDFDtAFBBvABBBBNmZFbkABbCBuZB|oAByLB_BBpQRmBBfGNg
DNvEHqrABwJJyBHeLN`GDBHcHHbCDbEHHBZBBFtEL{FB{ZJTDBBuFBcPnAwFFxAZ{DBkHFgPB`QF_JB|EPjEFBJ_FTaTJuBDriAD
wDZhKBhjBJtbFDzc_ADqHBeDJPByvAHbUBjzhABz{OJwzGD)";

// Its Ps and Pi, as ranges.
inline constexpr std::string_view opening = R"(
qBBfCB_BB`CBkvGBBBt{CBs`EBBFBDrABVBpCB^B{hABBB|ABagBBBBBBBBBBBBBBdEBaBBBBBBBBBBaZBBBBBBBBBBBBBBBBBBB
BBcDBBBcBBkcBBBBHBDB^BFBBBBBBBBBrABdABBBBBBBr[BBBBBBBBBFBBBBBBBDB|goCBzMBzABBBBBBBBBBBBBBBFBbABBBBB}
JBfCB_BBFBDB)";

// General category S, as ranges.
inline constexpr std::string_view symbols = R"(
iBBLB`AF_BBBBvABBBgBJBDDBBHDBFB|AB_BBp]HX\JNBBBbApGB\DfGB}HBdQFrGFDBDDhMBTBfAD|OBNDwHBhWDLDxOBcHBkHP
oHBjMBsBBuLBmLF^BBFDLhABBBBBqHPBLBDJHuLDopATsnABpWB}VBcJeBwVTRRegBBBFVFZFZFZDmDBZBoBFZFfAcBaDDBHBDTB
BFJLBBBBBBHBVDHJJHBBvCDHgXHzADgPrAVfE`ElAvgAyBdCD_BT_ZlAaDHaBDcXDaBBwFwNL`WD}BtABvEXxMtAXPBZDXBjADLD
zEDtODHTaBiBxA_BV|APB^aBToB^sThuMcDtbnApCudAnARDsFDcJHTH}dAFoNB\D}mjABwHbAqX`AeHByBHiFBBFDB|IBLB`AF_
BBBBvABBBiHNBNZDeTRtCbADFBZFB`C{B}lCDcfABxrFBvpDzAnbhAHJBjikABy|InGzCzOToBDzCJFlADN|AH|CjAgDFB_LrEkx
ABrAB_BBrAB_BBrAB_BBrAB_BBrABzC`aApCHfCPB\BD_rCBx[BvcEBFBaHB}\DlQyBHmFX^D^B^BkBnAkJrCzAZyBHRND\L|In`
BHbAFZFtGHcFLXHB^XHrCPTLqBP|ADD`E|UX\DZFRN}BBNP\HRNRNnIBpC)";

// Default_Ignorable_Code_Point, but for letters, as ranges.
inline constexpr std::string_view invisible = R"(
dKBlkABenABojIDnEJxfDJtAJdCJBTj`xC`AlOBz_gCHtaKP|mquAB|AeFgHnO)";

// Simple lower case: the first of a run, its last, their step, how far away.
inline constexpr std::string_view small = R"(
eDxEBaBeH_H@@pAP@@qBdEB}AbCDAzLDLB{LNbA@@bA`C@@}BDAyGBJBzGPHAnMBFBmMHDAfMBB@eMDF@dMDB@cMFF@`EBB@|GBB
@BBB@_MDD@dMBB@DDD@HBB@CBB@kMHH@pMBB@DDD@BBJBuMLDA_NBB@}MDD@_NFF@}MDD@_NBB@}MDF@|MDFB{MHDAaNBB@`NHH@
@PP@BBB@ADD@BBB@ADD@BBbABAfAfA@@fAFABBFBAHDAhFBB@sBBoBBtCqBDAlHDdABmHpAPAkmVBB@jmVDD@pJBB@wwVFF@dmVD
D@rLBB@`QBB@DBRBnDfSyR@@LHA@RR@lGNN@_EDH@AHD@vADF@AFdA@}AdAT@@yBiB@oAR_BBMxALA{CFF@|CDD@OBB@PFJ@lHF`
A@pM`AaB@aCdEfEB}AuB_D@@nCDA\BZB[^gF@@gFqBA`CyaFyaF@p_OoBD@@LL@@snAvsA@uvbBdEL@xyqBmqDysD@pgF{BJ@@yT
g^BcgFeJTAiyODeFBjyOuFbAAQ`A\@@`AdA@@`A`A@@`A\@@bAdAB@^`AA@aBaB@@`A`A@@`A`A@@`AT@@DD@fDDB@eDX^@|DHB@
}DXZ@BDD@{E\\@|EDD@tFDB@wFXZ@wGDD@DDB@pGfSfS@jrOHH@ywABB@xGNN@yfQ}B|C@WgBhA@]ytAmvA@rAkzCx{C@lAeFdC@
_CDD@cjVBB@`lNBB@}jNFNBciVLDAolVBB@_BBB@dBBB@BDD@tlVFF@@RT@wnVDkFBxnV{FV@@NJA@nraBiuaBB@cD}B@@mJpI@@
`AcD@@qDZ@@HDAoojBBRBpojBZJA@DD@w}xBFJBx}xBLlA@@hADAq`yBBB@UBB@HBB@TBB@EDD@fCBB@oABB@jABB@kzzBB^Bw{A
`ADAcCBB@j|xBBB@skNBFB{rjBRNA@LPB@_BzAA@vlnAjnnA@_BmqBjrB@PjKbK@@kLwJ@AX`A@@`AP@@PF@@itCnwC@rAgmF`lF
@`BermAermA@@jkbBnkbB@D)";

// Simple title case, where lower case is the way back: likewise.
inline constexpr std::string_view capital = R"(
gFzGB`BeH_H@@pAP@@NB@zIDbCByGfCP@@NbA@@bA`C@@`CN@@LDAsLFJBrLJFA@HH@@LL@@FF@iFHH@hFBB@qJHH@bBFNBlHNFA
@JJ@@FF@@HLB@JFA@HH@@DD@tCNN@sCFF@@FfAB@bABA_EDdAB`EhAL@@LuB@@uBhA@@rARA@FH@xnVFD@wnVJZB@RBAvlVBB@EB
B@DBB@czVBB@HDF@BFD@FDD@ABB@jnyBHH@mnyBBB@fnyBDD@inyBDD@blyBBB@xADD@_nyBBB@CBB@dnyBBB@ltbBBB@gtbBFF@
|myBDD@bxVBB@exVFF@APP@zvVFF@bwVDD@pnyBBB@onyBHH@|lyBBB@{lyBBB@rIBD@oIDB@lILL@oIVV@skyBBB@ErMvMBj|xB
LHA@HL@mHdC`C@xJBF@BHdA@JdAT@@RB@`BBD@BTR@pCDpABNrAFAPBB@{GJJ@lGFF@@lClE@}AaB`A@aCbAeBBbEuB_D@@pC^@@
ZBA[DeFB\hIrEA_C}vG{tG@qB}`Es`E@_pjBHH@kqbBbAbA@wtbBlG}PBzrjBiJyF@@cFPAR`A\@@`AdA@@`A`A@@`A\@@bAdAB@
^`AA@`AT@gDDH@XHD@\DD@xADD@_ADD@\HT@qG`A`A@@`A`A@@`AT@@FD@B`A`A@@Z\@A`A`A@@JH@A\\@DkVkV@jBeBdC@XhAJ@
^mvAaxA@qAx{Cf}C@kAdCD@`CHH@jmVBB@FDLBemVVNA@FF@@V`GB@{FV@@NJA@ZfC@pbOoBD@@LL@@vnaBqqaBBqbOcD}B@@mJp
I@@`AcD@@qDZ@@JV@@ZJA@JNB@FBAdCFjABcC|AtA@@fAN@@RNA@LPB@_BzAA@pwApwA@w{AzA}F@m|oBislAyolA@hxqB}qBzrB
@OjKbK@@iLuJ@BX`A@@`AP@@PF@@|uCbyC@qAekF}iF@aBermAermA@@nkbBrkbB@C)";

// A letter and the two that make it.
inline constexpr std::string_view composed = R"(
kLeDpqAB@BB@BB@BB@JB@DDDzABDnBB@BB@BB@LBHOB@BB@BB@LDJIBBEB@BB@BB@BB@JFLOB@BB@BB@LBHMFPAB@BB@BB@BB@JB
@DDDzABDnBB@BB@BB@LBHOB@BB@BB@LDJIBBEB@BB@BB@BB@JFLOB@BB@BB@LBHMD@NBqCGBaB@B`BDBaB@B`BeBBaB@B{AnBBaB
@B`BBBaB@B`BJBaB@B`BJBaB@B}A@BaB@F}AOBaB@B`BDBaB@B`BBBaB@B`BcBBaB@B`BwABaB@B{ASBaB@B`BHBaB@B`BBBaB@B
`BaBBaB@B}AjBBaB@F}ABBaB@B`BBBaB@B`BDBaB@B`BeBBaB@B`BbBHBIBaB@B}AkBBaB@D}AlBBaB@B`BmBBaB@B`BuABaB@J{
AUBaB@B`BmBBaB@B`BuABaB@H}AOBaB@B`BDBaB@B`BJBaB@FyASBaB@B`BmBBaB@B`BuABaB@B}AUBaB@B`BBBaB@B`BkBBaB@B
`BuABaB@B}AvABaB@B`BuABaB@F}AQBaB@B`BBBaB@B`BDBaB@B`BHBaB@B`BBBaB@B`BzABaB@B{AlBBaB@B{A@BaB@B`BLBBMB
aB@B`BLBaB@B`BJBaB@eBvB^BaB@\sA@BaB@zAiC]BaB@BoA@BaB@BsA@BaB@BsA@BaB@BsFOBaB@B`BEBaB@B`BVBaB@B`BWBaB
@DqCHBaB@BwT@BB@BvV@BaB@FfJPBaB@BwA@BaB@BwAxABaB@BmXhBBB@BiCPBcN@BqcA@HfBUBaB@FqAABaB@BrEBBaB@B}A@Ba
B@B[@BaB@BwK\BaB@B`BDBaB@BwACBaB@B`BDBaB@BwACBaB@B`BDBaB@BsACBaB@B`BDBaB@ByACBaB@B`BDBaB@ByACBaB@B`B
DBaB@BdBjABaB@B}A@BaB@FxBsABaB@NnBIBaB@BwAaBBaB@BhGfBBaB@BbB@BaB@BtJFBaB@By\EBB@Bh^@BaB@xU`CEBapA@DH
@BD@BD@DL@DL@BH@BcB@tAcCNBX@BXMBH@BD@BD@BdA@tAcANBX@BKMBL@BH@JR@B@NyBiDOB@PDCMHYNJhAMBCABVLVU@aBaB@n
AEKB@PDCMHgBNJwAMBCABVLpAdCRBB@wDbFQBaB@\lB@BaB@B`BDBaB@FuACBaB@FoJDBB@BpL@BaB@B}A@BaB@F}AGBaB@B`BHB
aB@BsA@BaB@F}J@BB@BbL@BaB@BtBGBaB@B`BHBaB@B`BFBaB@BwAEBaB@FwA@BaB@dSu^kvAB@BBcB@BbBBBgBA|I}H@DgA@bAb
A@qfAqfA_pAPP@FF@vIpIkHB@rAoXwXuXF@oAB@rAsDyDgHnCjCqABB@BArA_HgHeHvGxGeHNN@B@BD@gABHfAeH_HwFBB@BArAd
InIlGD@JBFIBEjAteA|eAcfArwErwEczEDD@DD@DD@DD@HH@sBsB@DD@FD@BB@DF@fmA}jNkxLBaB@B}A{ABaB@B`BxABaB@B`B\
BaB@BoFaCBaB@BnJLBaB@B`BxABaB@B`B\BaB@B`BSBaB@B`BLBaB@BfKzBBB@BABBB@BgMyBBaB@B`BFBaB@Bb]tBBB@Bc_ABBa
B@B}AEBaB@B}AFBaB@B`BxABaB@B`BuABaB@B`B_BBaB@B`BNBaB@B}ADBaB@BqF_CBaB@BpJ@BaB@B`BeBBaB@B`B\BaB@B}A[B
aB@B_zO}ABB@Bb|O{BBaB@B`BGBaB@B}AxBBaB@B`BLBaB@B`BxABaB@B}AwABaB@B`BxABaB@B`B\BaB@B`BGBaB@BsFxBBaB@B
`BNBaB@BrEOBB@BABBB@BhP@BaB@B`BLBaB@B{A@BaB@B`BxABaB@B|{O}ABB@B`_P{BBaB@B}AtBBaB@B`BxABaB@B{NwABB@BJ
@BB@B`mO@BB@Bl_P@BaB@B`BxABaB@B`B\BaB@B`BGBaB@B}AQBaB@B`BXBaB@B`BEBaB@BtOxBBB@BBNBB@ByQIBaB@B`BaBBaB
@B}AfBBaB@B`BBBaB@B`BNBaB@B`BABaB@B`BxABaB@B}AwABaB@B`BBBaB@B}AABaB@B}AIBaB@B`BcBBaB@B`B\BaB@BcA@BXr
BBFDBD@D{PEJnTxABaB@B`BsABaB@BgFOBaB@B`BABaB@B`BRBaB@B`BKBaB@BfyOABB@BewOABB@BAABB@BARBB@BAKBB@BbwOF
BB@BkdPzABaB@B`BsABaB@B`BKBaB@BoFCBaB@B`BABaB@B`BRBaB@B`BKBaB@BgzOABB@BtePNBaB@B`BtABaB@BsA@BaB@B`Bs
ABaB@BoFOBaB@B`BABaB@B`BRBaB@B`BKBaB@B{zOABB@ByoOABB@BAABB@BARBB@BAKBB@BAaBBB@BkU@BaB@B`BsABaB@BgTOB
B@BAABB@BARBB@BAKBB@BAaBBB@BbVfBBaB@B`BgBBaB@B`BsABaB@B`BKBaB@NduA`AB@BB`pNgABB@BABBB@BAeDBB@BcrN_CB
@BBrrNgABB@BABBB@BAeDBB@BipN_CB@BBxpNgABB@BABBB@F{rNdAB@BBksNgABB@BABBB@FfqNdAB@BBuqNgABB@BABBB@BAeD
BB@BxsN_CB@BBhtNgABB@BABBB@BAeDBB@BcrN_CB@BBrrNgABB@BABBB@BAeDBB@ButN_CB@BBeuNgABB@BABBB@BAeDBB@BwrN
_CB@BBgsNgABB@BABBB@FjuNdAB@BByuNgABB@BABBB@FlsNdAB@BB{sNgABB@BABBB@BAeDBB@D_vN|BDpvNgAD@BD@eDBetN_C
B@BBttNgABB@BABBB@BAeDBB@BwvN_CB@BBgwNgABB@BABBB@BAeDBB@BwvNfDDH@DD@DD@DL@DL@DH@HnnNmDBB@BB@BB@BB@BB
@BB@BB@BB@BB@BB@BB@BB@BB@BB@BB@BbA@BB@BB@BB@BB@BB@BB@BB@BB@BB@BB@BB@BB@BB@BB@BB@BdC@BB@BB@BB@BB@BB@B
B@BB@BB@BB@BB@BB@BB@BB@BB@BB@BdwN`DB@CBgwNeDBfwN@BI@DJEBw{NFBx}N`DB@CB@GD@mDJ`pAEBskPFBbwN@BQ@DREBl|
NFBq_OlDDD@D@mDB`_OlDB@BB@eDBx{NyCB@CBbAGHaAgDBbA@BcCyCB@CB@GF}bO@B@BB@eDBb`OyCB@CBLGDSfAB@BBH}BBL@B
lByCB@CB@GDGhABaqAgAJdlPmDBmvN@BJ@DIEBj_OFB`bOlDDT@D@mDuZz{OYBD@fAD@_BzC@BH@BC@lCdC@JJ@FF@pApA@DD@vA
nA@FN@FD@DF@nAfcR@DzdR@VgA@BrcR@BD@B_eR@BB@FZ@BB@FF@BB@NF@BB@FN@BB@FF@BB@gBvA@BL@BB@BD@dC_C@BB@BhA@B
B@NaB@BB@BB@BB@ybGkfGndXDD@DD@DD@DD@DD@DD@DD@DD@DD@DD@DD@FF@DD@DD@NN@B@BDFAB@BDFAB@BDFAB@BDFAB@BnAkC
ATrE@\\@DD@DD@DD@DD@DD@DD@DD@DD@DD@DD@DD@FF@DD@DD@NN@B@BDFAB@BDFAB@BDFAB@BDFAB@BnAkCAFuD@BB@BB@BB@HV
@dcyCdcyCvkyCDD@^T@mH`I`GBB@ybAkbAobAB@rAtWzW{VB@SD@ZgPmPrOBB@ryApyAzyA)";

// What is always replaced, by two or by one and 0.
inline constexpr std::string_view apart = R"(
tuApqA@BB@DdA@BUrqAbCaEqqATciA@R_H@abCemDo{DBB@BB@BJ@BJ@BB@BR@BH@aHjGgHBB@DZ@lEmHgHFL@gBdB@BB@BJ@F^@
kPzOoPBB@kaBceB_kBTT@JJ@JJ@JJ@ZuACTdChDD@DBeDXDB@RfD@dAcBpCTT@JJ@JJ@JJ@ZuACrjHjiFkjHDB@DB@DB@DzA@DB@
DB@_DrD@FhC@VcC@DB@PN@PK@PmB@PdB@FQ@B{sA@TktA@DF@DcoA@F`tP@BB@{RfbO@HqwA@BzG@{`AqdY@BB@bbDkvBduAsxoC
}zsAcuABnzS@B|eU@BcaA@Bz|O@BvjQ@Bc`C@BoihA@B@@B|leA@Bdb^@Bub`A@B__B@BjrD@BvzJ@BmyD@BbqC@BmX@BoT@Bj`D
@BtoT@BdsA@Bx}A@BzqA@BkuH@Br_G@ByoD@BydhA@BvrB@BbpL@BbwC@BntJ@BlvL@BhobA@Bh{I@BlsK@Bh{A@BqpT@B}oP@Bt
iC@Br_V@BblD@BmjC@B_}B@BozO@BdwbA@BedA@B`S@BroI@BafC@BpyC@B|pB@BiyD@BleC@BpE@Bb`D@B}{D@B_gB@B_jA@Bd|
S@BtO@BeeB@BvgC@BpbH@BrbF@BtmJ@BerZ@BngC@B{rO@B_eB@B_oG@BxkC@BxrJ@BqlE@B}aaA@BmzA@BchG@Bk_B@B|S@BhoG
@B`Q@BtxL@Bj|cA@BdjX@B_zX@B_A@BxmU@B_|A@BkhC@BxyI@B|xE@B`tU@B{xC@BwpQ@Bsj`A@B|gG@ByeB@BjjJ@Bp_A@BghR
@BxdT@B_}U@BymH@BxjI@BxjP@B_{C@ByqL@Bg`V@BamB@B_iP@BjaG@BjkC@B|mP@B|cS@BruR@BoaE@B{}P@BlsP@BnmI@BkrT
@BbmA@BeF@BfbL@B{yJ@Bj|B@BomD@BluC@B`naA@BnU@BvvB@Bk{B@BbsC@BylE@BnzD@B{dO@BgoB@B}eB@BpC@BnqhA@BbvJ@
BnnB@BfcS@BbaZ@BjsA@BfG@B}jA@B_rE@BncA@BtuA@BwwB@BweB@B}hA@B`yG@BvlE@Bb}E@BatA@BxubA@B`I@BubA@Bd|N@B
_wL@Bn_A@BtjW@BjS@BezA@BljD@BpxH@BatD@B{mS@BnhD@BlrB@Bc^@BjgA@BnlJ@BxK@By|E@BbK@BcpI@BqoB@BhE@BlM@Bf
sfA@B|lV@BwwL@BysB@Bet\@BcwI@BmfA@B}zE@BfE@Bm}D@ByiB@BwcD@BpjB@BfyG@B|bF@By_H@Buj^@B}jY@Be`dA@B|cK@B
vG@BrxB@BkV@BrzB@BtU@BurA@BumB@B}oN@BsweA@Bu{H@Bry[@BameA@BpzF@Bv|H@BduQ@BnjY@Bm\@BurC@B{aF@B_sR@Bal
dA@Bj_A@BtlD@BzcE@BiT@BiV@B_gB@BvwC@Bu^@BkbE@Be}D@BdA@BhvD@B_uB@Ba`dA@BzrN@BodN@BoxO@B|mA@BbgI@BdzH@
Be`C@BteA@Bzh]@BmhC@BeuJ@BmwC@BnE@BzW@BdfE@BocA@BvfN@Bvg`A@Bm|[@B_bZ@BgC@BmuF@B}eB@BryM@BfvQ@BsjI@B{
kC@BjqU@BntC@BhmG@BtwF@BovV@BdfG@BikB@F}jA@D{nG@F}|J@B|uQ@Bz{A@BkhA@BeB@BN@BuB@BxyO@BedN@BnqA@DqjC@D
{qB@FuwB@BuL@HffD@BZ@ByB@BblB@B}xF@BqbC@BeyeA@BeT@BqF@BoX@BvA@B`G@B|eA@BwF@BiF@Bm^@BuF@Bt}A@BT@BoeB@
BtM@BmB@BmF@BpwA@BnI@BhK@Bg`A@BtrB@BoJ@B`Q@B|eA@BeL@Bm`A@BfjB@BdK@BV@BA@BP@BL@BN@BbC@BB@BnK@BeD@BqT@
BkdA@BjA@BrC@BtS@BnI@Bn_A@B`I@B@@By^@B_oB@BsH@BlW@BrC@BmZ@BlC@BglA@BkH@BcpC@BiR@BzC@Bcu]@Bq`hH@B_cuG
@F{s[@BwzA@B|D@Bm_A@Bf]@BxC@BbU@BhC@BpkA@BrD@BkD@BuD@BwhA@BvE@BjI@B`A@BlQ@BwL@Bo|A@BN@BhI@BkD@BhS@Br
G@BnD@BsH@B|B@BlI@BgD@BxY@BtE@BnC@BwP@BmR@BoJ@BH@BxC@BieB@BeD@BfY@BmZ@B_A@BrE@BgP@BtU@BwhC@B{zB@BzG@
B|G@BbU@BrI@BlC@BqN@BD@B`K@BbA@BrA@BpE@BS@BpY@Bh_A@BnQ@BaL@BmN@BzI@BhU@ByL@BovA@BcJ@BmzA@Bl]@BmD@B`A
@BdS@BtC@BzB@BnC@BE@BaA@B{D@BfE@BsX@BcdA@BgT@B`S@BgN@BmcB@BsF@BlG@BqH@BiB@BX@BbC@B{nA@B}kB@BpevF@BK@
B`dF@BursH@B_kB@BcB@BqkbI@BzqE@BvbR@BnnfH@ByD@kDrzrBe`CDrAFVQTB@BBsueDAB@BBfweDUB@BB@HBB@BB@BB@BB@BB
@BB@DD@BB@BB@BB@BB@DD@DD@BB@DD@BB@DD@BB@BB@BB@BB@BiAEBGLBT@BR@n`tCiwzGrzzGBB@BNRB@BB@BB@BB@BrExEYBB@
BBRBB@BABBB@zv`E{lsFc}}GBI@BR@BotmG@B}amG@B`E@BZ@BqD@BvG@B_B@B`E@BoA@Bq_O@Baa_H@BhwnG@BN@B`A@BfA@Bdb
nG@Byk}G@BtgO@BmB@BwcnG@BbcnG@BZ@B|nA@BnoA@BR@B_}zI@ByxzI@B\@BgoO@B{rO@BV@ByB@BJ@BgsO@BmxO@BD@BvA@Bl
A@BV@BB@BbA@BfC@BP@BR@BrA@BT@BD@B@@B@@BfuoG@Beh`G@BcgO@BjA@BbdpG@BhcpG@BL@BjA@BxI@BpF@B`A@BaB@BvC@Bl
E@BtA@BiD@B`A@BcB@B@@BjA@BdA@BP@B^@B|U@BoQ@BrQ@BvL@BgB@BajB@B_tC@BpR@BmB@BrA@BjH@BwJ@BA@B|G@BwsrG@Bf
orG@BJ@B^@BhA@BP@BcD@BefsG@BgD@BoasG@B`C@BX@BaE@BdI@BwzR@B\@BjeS@BnC@B@@Bb{sG@BnrsG@BjA@B^@BX@BbftG@
BhetG@BN@BovA@BttA@B|nS@B}rS@B\@BhE@BgC@BjkuG@Bq_uG@Bv_uG@B|{tG@BE@BbA@BoF@BB@BraT@BkcT@BwB@BjA@ByB@
B`gT@BoqkH@BxokH@B}iT@BF@BF@BhA@Bgl}I@Bzh}I@Bq{vG@B@@BhgdG@B{pR@B@@BmlT@BeptH@BmbY@B_byH@BR@BjoT@Blr
T@BhC@BT@BeB@BwH@Bt{T@B{A@Bz_U@Bm_xG@Bc{wG@BiH@BH@BD@BC@B}B@BhA@BiB@B[@BV@B`C@BhA@BH@BtA@BV@BgD@BlE@
BgB@B_H@B}wxG@BdyxG@BdD@B}F@BvA@BgF@Be}xG@BdyxG@B}E@BwA@BabV@BnnV@BjA@B_B@BlB@BjkV@BiyV@BzA@BqizG@Bz
azG@BzQ@BgK@Bg_W@B|cW@B_eW@BhB@BqaL@BF@BvkK@BlF@BozM@Brk`A@BawR@BH@BL@B|C@BU@Bsh{G@B}vsH@BcxW@BoG@Bf
M@BhC@Bz_{G@Bg_{G@BcG@BxO@BzeX@BzhX@BgF@BqD@BgL@Bba{G@Bw|zG@Bh{X@By`Y@Bqz{G@Bgw{G@Br`Y@BqbY@B{B@BvA@
BB@B_q|G@BiuO@Bk|O@Bon|G@Bql}G@Bge}G@B\@BpF@BhK@BqB@BtC@BmC@BqB@B^@BZ@By}|G@B`d}G@BeP@BaD@BafZ@BblZ@
BG@Bcf}G@Bks}G@BaX@Bmd}G@BbC@Bya}G@BlG@BuA@BE@Bj{Z@Bl_[@BhC@BK@BnC@Bgn|F@Bld|F@B|w}G@Bhr}G@Bnh_H@Bl_
_H@BZ@BvA@B{d`H@Bwa`H@BjA@Bzs`H@BkN@Bms`H@BbA@Bed\@B{e\@Bbe\@B@@Bqo\@BjA@BjA@BhA@BmD@Brq\@Bmw\@Bg}aH
@Bp{aH@BobbH@Bg_bH@B|bjG@BqwiG@BnhcH@BnA@B`I@BcmaI@BX@Bbg]@BqocH@BA@BoB@BtA@B}pcH@BB@B@@BwB@Bmi]@Btm
]@Bxl]@BdE@BwdcI@BnndH@B_D@BcD@Bkw]@BlbdI@Ba`eH@BqgeH@BwB@BsfeH@B|E@B_f^@Bok^@BT@BJ@BchfH@BhS@B@@Bcq
fH@Bbi^@BamfI@B}sfH@BF@Byt^@BlxfI@BlpfH@Bc__A@Bq`_A@BI@BzA@BlahH@B_zgH@Bfb_A@Buh_A@BxC@BiD@Bom_A@Bng
iI@B_B@BagiI@BopiI@BkohH@B|uhH@BdthH@BoF@BV@BphiH@BuD@BjgiH@B}oiH@B{niH@BlumG@Bj_oH@Bfl`A@BfE@B|m`A@
Bwq`A@BloT@Bat_I@B\@B_w[@BR@Bm_mG@BF@BsfG@B}`hA@BmbaA@BK@BdA@BioY@BspY@BD@BT@BsB@BldkH@BmdkH@BrC@BoD
@BwD@BzH@B|I@BuB@BfG@BvP@BtG@BD@B`A@BtdkH@B|S@BsI@Bi{mI@Bh}aA@BD@BgB@BqpnH@BoknH@Bh|kH@Bv`oI@BH@Bbio
I@BsR@Ba{oI@BxpbA@BX@BV@BD@BcD@BbB@BsH@BxB@BvI@BeE@BiD@BvA@Bx}bA@BudcA@BaB@BpdcA@BujcA@BF@BfenH@Bu|m
H@BN@B|ncA@BwpcA@BkzlA@Bo}|I@BzK@BzvsI@BR@BqcdA@B}D@BcJ@BbM@BjloH@BwfoH@BlA@BxE@B|E@BkdpH@Bdn`B@Bvnn
F@B]@BjC@BmznF@BuknF@BmF@B`wrH@BvA@BhbrH@B_F@BaB@B}nrH@BhnrH@BkR@BgJ@BB@B{E@BqX@BxA@BkmsH@BftrH@Bpmh
A@BlphA@B_ksH@Bdw|I@Bn|hA@Bnk^@Buq^@BjstH@BvM@B}|_J@BP@BqfiA@B{uuH@Bqy`J@BscaJ@Bc|uH@B@@B|A@BxmvH@By
avH@B_kiA@BroiA@BcH@BvA@BzC@BisiA@BjadJ@BdywH@BnS@BeL@BhujA@B_B@BdzjA@BmqyH@BzlfJ@BmpfJ@BbQ@BmH@Bqxy
H@BhjkA@BinkA@BJ@BN@BT@BN@BkB@Bak{H@)";

// Canonical_Combining_Class: the first of a run, its last, the class.
inline constexpr std::string_view order = R"(
pqAyrAyNjABDBHWHBXBB_ABJHJDcADHdAHDcADVdAVJbNJHcNHPTPBTBBSBFSFFTFDSFHTFHSHBTBBDBDWDBTBBFBDBDBABDBDBA
BZEqRaR@lQdQSBHTHBSBFTFBOBBCBLTLLSLDTDBSBDTDBOBBLBBDBBdNBBBBBBBBBBBBBBBBBBBBBBBBBDBDBBBBBBBBDDBDDBBB
BDDfMBBSDD_MuDdEtMPBzLBBBBBBdCdCIBBBBBBBBBBBBBBBBBBBBBBDsLDDSDJTJBSBDTDBSbAbA{KqF}FqLRL@HBSBBTFH@FDS
BDTDBSiBiByK_B_BoLBBSBDTDBSBDTDFSFBTBDSDBTBBSBFTFBSBBTBBSBBTBBSBBTBBSBDTmJwJ@NBSBBTTTSrAxATJT@TH@HL@
bC}BSaD|CTBFSFHT}B`C@JJSJ\T^DSBDTDBSBDTDBSBFTFFSFBlLBBBBBBBF}LFBSBDTDDSDJTeD|CjNbAbADHHgNBBSBDTwFuFj
NbAbADdCdCgN_D_DjNbAbADdGdGCbAbADdGdGCbAbADgHgH@dGdGCbAbADPPyDBBNqFqFkEbAbADbGdG@dAbA@aHaH@bGdGaFDB`
F\bAiFfGbGVDB_G\bAhGdE`EiFzAxA@DD@DDGrCrCqEBBBDDDLRCLF@DFmFDBfNDFgNcDaDShGhGuMDFDlEjErMmnAqnATj}Ah}A
fNaB_B@eJeJ@VVgNdMdMChIhIKBBPBBSeNeNTBBSsDsDqMjAxAgNTFSdClCTJLSLDTDBSDF@DDTDDSDJTJBSBHTwFqFjN`A`ADoB
oBgNBBSBNT|CrCfNzCxCCXZDmDkDCzI_JkNHDvNBJcNJDTDHSHBTDPvNVJcNNNTHJ@{L{L@DBSBNTNBSBDTDBHBBgABBLBBcABkB
xAkBBDBDGDBOBBCBBXBBFBBYBBTBBSonAqnATDDvNDHwNHFvNFDwNLJ@HJvNDBwNBBSBBTBDvNDHcNHBTckFgkF@hIdIfNgFgHgN
xeAxcAWBBTBBHBBSBDD{F{F{Mew_Bcw_BiNJ\@uBeB@hEhE@|QzQfNmBmB@xIxI@xA{BgNyDzCSqBmBqMeFeFCZZDnOnOgNDF@DB
SFHTNN@FD@lClCfN|O|O@|djA|djAbAtqAarAdMNNSNDT{_By_BSsNsN@tI|ITynCqnCSDDTsBsB@BBvNBBcNJJqMuJuJgNBBS`e
AfeATfYbY@hEjESuDsD@DFTFBSBBTBHSlCfCTBBSBBTBBSmLmLqMuBuB@^^@vCvC@BBCoDsDkNhCfCfNcDaDC}D}DDTTC{F{FDBB
CpKpK@BBDfEhECdAbADrA_BgNTP@pMhMfNHHCpApAkNmFmFfNBBCgPgPDBBCeHeHDtGtG@BBCnGnGDlQlQ@BBCuPwPDLJCcJcJDl
ElE@fAfA@hEhE@f[f[@uPuPCDFDjEhE@n[p[@_ihAeihAOcDgDwNmoBcoBlNmyhAkyhAIdaKfaKzMDFyMLHoNBJSZ`AHTNTJDSaB
eBTxIvI@}hGfiG@PdA@fAR@PF@FL@wFoF@kJwJ@sXgX@_DeD@`aA{`ADDBWBBTaaBmaBSnGlGTLBjN)";

}  // namespace babelgrad::unicode
