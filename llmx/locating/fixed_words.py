"""Words that a fuzzy match may never change, because another one says something else: numbers, months, negations.

Digits are kept apart in ``align.py``; these are the numbers in letters. Lower case, as in the normal form. The lists
need not be complete: they only make a proof stricter. Capitalised names are held by their capitals, so months are
listed for the languages that write them small.
"""

from __future__ import annotations

from typing import Final

_NUMBERS = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion first second
third fourth fifth half double triple dozen
deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante
soixante cent cents mille millions milliard milliards premier première deuxième second seconde troisième moitié
zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig dreissig vierzig fünfzig hundert tausend
millionen milliarde milliarden erste ersten zweite zweiten dritte dritten vierte hälfte
dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta cien ciento
doscientos trescientos quinientos mil millón millones billón primer primera segundo segunda tercer tercera mitad
dois duas três quatro sete oito nove dez doze vinte trinta quarenta cinquenta cem duzentos milhão milhões bilhão
bilhões primeiro primeira terceiro terceira metade
due tre quattro cinque sei sette otto nove dieci undici dodici venti trenta quaranta cinquanta cento duecento mila
milione milioni miliardo miliardi primo prima secondo terzo terza metà
twee drie vijf zes zeven acht negen tien twaalf twintig dertig veertig vijftig honderd duizend miljoen miljard eerste
tweede derde helft
два две три четыре пять шесть семь восемь девять десять двадцать сто тысяч тысяча миллион миллионов миллиард миллиардов
"""

_MONTHS = """
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
januari februari maart april mei juni juli augustus september oktober november december
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
january february march april may june july august october
lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
"""

_NEGATIONS = """
not no never without nor cannot pas jamais sans aucun aucune nicht kein keine keinen nie ohne nunca sin ningún ninguna
não sem nenhum non mai senza nessun nessuna niet geen nooit zonder не нет без никогда
"""

# Chinese and Japanese write numbers, magnitudes and negation with one character each
_CHARACTERS = "〇零一二三四五六七八九十百千万亿億兆两兩半첫不没沒未無无非年月日"

NEGATIONS: Final = frozenset(_NEGATIONS.split()) | frozenset("不没沒未無无")
FIXED: Final = frozenset(_NUMBERS.split()) | frozenset(_MONTHS.split()) | NEGATIONS | frozenset(_CHARACTERS)
