"""What the frame of the API tells people."""

from __future__ import annotations

SIGNED_OUT = "Вы не вошли, или ваш сеанс закончился. Войдите ещё раз."
WRONG_PASSWORD = "Имя или пароль не подходят."  # noqa: S105  # a message
MUST_CHANGE = "Сначала замените выданный пароль своим."
DENIED = "У вас нет права на это действие."
FORGED = "Запрос пришёл не со страницы рабочего места. Обновите страницу."
TOO_MANY = "Слишком много запросов подряд. Подождите немного."
TOO_MANY_SIGN_INS = "Слишком много попыток входа. Повторите через {wait}."
BUSY = "Сейчас входит много людей. Повторите через несколько секунд."
NOT_FOUND = "Такого адреса нет."
WRONG_METHOD = "Так к этому адресу не обращаются."
NOT_JSON = "Запрос не читается."
TOO_LARGE = "Запрос слишком велик."
NOT_A_FILE = "Здесь ждут файл, application/octet-stream."
FILE_TOO_LARGE = "Файл слишком велик: можно не больше {most} МБ. Разделите его на части."
TOO_SLOW = "Запрос шёл слишком долго. Проверьте связь."
NO_ANSWER = "Ответ готовится слишком долго. Проверьте, выполнено ли действие, и повторите."
STORE_AWAY = "База данных сейчас не отвечает, ничего не записано. Повторите через минуту."
CALL_GONE = "Этот разговор уже закончился."
EXCHANGE_AWAY = "Телефонная станция сейчас не отвечает. Повторите через несколько секунд."
FAILED = "Внутренняя ошибка, номер {incident}. Повторите; если не поможет, назовите номер администратору."

WEAKNESSES = {
    "short": "Слишком короткий пароль: нужно не меньше {least} знаков.",
    "long": "Слишком длинный пароль.",
    "login": "Пароль не должен содержать имя для входа.",
    "common": "Этот пароль подбирают первым. Придумайте другой, например несколько несвязанных слов.",
    "same": "Новый пароль совпадает с нынешним.",
}
"""Why a password is not taken, by `ivr.access.passwords.Weakness`."""

USER_REASONS = {
    "unknown": "Такого пользователя нет.",
    "malformed": "Неверный вид этого поля.",
    "login-taken": "Это имя для входа уже занято.",
    "extension-taken": "Этот внутренний номер занят другим сотрудником.",
    "last-administrator": "Это последний администратор: сначала назначьте другого.",
}
"""Why a user is not changed, by `ivr.access.users.Reason`."""

SESSION_UNKNOWN = "Такого сеанса нет, или он уже закончился."

INVALID = {
    "missing": "Заполните это поле.",
    "extra_forbidden": "Такого поля нет.",
    "string_too_short": "Нужно не меньше {min_length} знаков.",
    "string_too_long": "Можно не больше {max_length} знаков.",
    "too_short": "Нужно не меньше {min_length}.",
    "too_long": "Можно не больше {max_length}.",
    "greater_than": "Нужно больше {gt}.",
    "greater_than_equal": "Нужно не меньше {ge}.",
    "less_than": "Нужно меньше {lt}.",
    "less_than_equal": "Можно не больше {le}.",
    "enum": "Выберите одно из предложенного.",
    "literal_error": "Выберите одно из предложенного.",
    "string_pattern_mismatch": "Неверный вид этого поля.",
    "json_invalid": NOT_JSON,
}
"""Messages by the type of pydantic's error; its context fills them."""

INVALID_KINDS = {
    "int": "Нужно целое число.",
    "float": "Нужно число.",
    "decimal": "Нужно число.",
    "bool": "Нужно «да» или «нет».",
    "date": "Нужна дата.",
    "datetime": "Нужны дата и время.",
    "timezone": "Нужны дата и время с часовым поясом.",
    "time": "Нужно время.",
    "string": "Нужен текст.",
    "list": "Нужен список.",
    "tuple": "Нужен список.",
}
"""Messages by the beginning of the type of pydantic's error."""

INVALID_ELSE = "Неверное значение этого поля."


def lasting(seconds: float) -> str:
    """A length of time for people, rounded up: `40 с`, `15 мин`."""
    whole = max(1, -int(-seconds // 1))
    return f"{whole} с" if whole < _MINUTE else f"{-(-whole // _MINUTE)} мин"


_MINUTE = 60
