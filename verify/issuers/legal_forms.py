"""What companies write behind or before their name to say what they are in law: it tells no two of them apart."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In small letters, without dots and slashes. By country, roughly: common law, German, Romance, Nordic, Slavic, others.
ENDINGS = _words(
    "ltd limited llc llp lp plc inc incorporated corp corporation co company cic cio pty pvt private pte bhd "
    "gmbh ggmbh mbh ag kg kgaa ohg gbr ug haftungsbeschränkt ek eg ev se "
    "sa sas sasu sarl sàrl srl spa sapa scs snc sl slu slne sprl srls eurl scop cie compagnie lda ltda eireli sapi cv "
    "bv nv vof ab as asa aps is oy oyj ou oü ehf hf uab sia "
    "sro spol zoo kft zrt nyrt doo dd ad eood ood ooo oao zao pao ао ооо оао зао пао тов "
    "kk gk yk pt tbk jsc ojsc cjsc wll fze fzco"
)
PHRASES = (("sa", "rl"), ("sp", "z", "oo"), ("sp", "zoo"), ("sdn", "bhd"), ("de", "cv"), ("de", "rl"), ("z", "oo"))
BEFORE = _words("ооо оао зао пао ао тов pt cv")
JOINED = ("株式会社", "有限会社", "合同会社", "股份有限公司", "有限责任公司", "有限公司", "주식회사")  # without a space
BETWEEN = _words("and und et y e i og och en u")  # of “& Co”, which stays when the Co has gone
